"""Reads listings of llvm-objdump: the innermost loops of functions, and what they do for each multiply-add."""
from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Instruction:
    address: int
    mnemonic: str
    operands: str


@dataclass(frozen=True)
class Architecture:
    """How an instruction set spells what is counted; regular expressions over "mnemonic operands"."""

    jump: str  # its target in the group
    end: str  # what does not run on to the next instruction
    arithmetic: str  # vector multiply-adds
    pooling: str  # vector maxima and sums, what loops without multiply-adds are for
    stack: str
    frame: str  # makes the register in its group another name of the stack
    lea: str  # addresses that are no accesses, and prefetches
    accumulator: str  # register that an arithmetic instruction writes

    def loads(self, instruction: Instruction) -> int:
        raise NotImplementedError


class X86(Architecture):
    def loads(self, instruction: Instruction) -> int:
        """AT&T: what is written comes last."""
        operands = split_operands(instruction.operands)
        compares = instruction.mnemonic.startswith(("cmp", "test", "vucomi"))
        sources = operands if compares else operands[:-1]
        return sum("(" in operand for operand in sources)


class Arm(Architecture):
    def loads(self, instruction: Instruction) -> int:
        """One for each register that a load fills."""
        if not re.match(r"v?ld", instruction.mnemonic):
            return 0
        listed = re.search(r"\{(.*?)\}", instruction.operands)
        registers = listed[1] if listed else instruction.operands.split("[")[0]
        if span := re.search(r"([dqv])(\d+)\S* ?- ?[dqv](\d+)", registers):
            count, kind = int(span[3]) - int(span[2]) + 1, span[1]
        else:
            names = re.findall(r"\b([qdsvwxr])\d+|\b(?:lr|fp)\b", registers)
            count, kind = len(names), names[0] if names else ""
        # Two of the registers of 64 bits are one vector.
        return (count + 1) // 2 if kind == "d" else count


X86_64 = X86(
    jump=r"j[a-z]+ 0x([0-9a-f]+)",
    end=r"jmp|ret",
    arithmetic=r"vfn?m(?:add|sub)\d+p[sh]|v?mulps|vdpbusd|vdpwssd|vdpbf16ps",
    pooling=r"v?(?:max|add)ps",
    stack=r"%rsp\b",
    frame=r"movq %rsp, (%rbp)",
    lea=r"lea|prefetch|nop",
    accumulator=r"(%[xyz]mm\d+)(?: \{.*)?$",
)
AARCH64 = Arm(
    jump=r"(?:b|b\.[a-z]+|cbn?z|tbn?z) (?:.*, )?0x([0-9a-f]+)",
    end=r"b |br |ret",
    arithmetic=r"fml[as] v.*(?:4s|8h)|fmul v.*4s|bfdot v.*4s|[us]+dot v.*4s|u?smmla v.*4s",
    pooling=r"(?:fmax(?:nm)?|fadd) v.*4s",
    stack=r"\bsp\b",
    frame=r"(?:mov|add) (x29), sp",
    lea=r"prfm|nop",
    accumulator=r"[a-z]+ (v\d+)",
)
ARMV7 = Arm(
    jump=r"b(?!lx? )[a-z]* 0x([0-9a-f]+)",
    end=r"b |bx |pop .*pc",
    arithmetic=r"v(?:fma|fms|mla|mls|mul)\.f32 q",
    pooling=r"v(?:max|add|cgt|cge)\.f32 q",
    stack=r"\bsp\b",
    frame=r"(?:mov|add) (r11), sp",
    lea=r"pld|nop",
    accumulator=r"[a-z0-9.]+ (q\d+)",
)
ARCHITECTURES = {"x86_64": X86_64, "aarch64": AARCH64, "armv7": ARMV7}


def split_operands(text: str) -> list[str]:
    return re.split(r", *(?![^()]*\))", text) if text else []


@dataclass
class Loop:
    """An innermost loop: its instructions, and how often they do what matters."""

    function: str
    body: list[Instruction]
    arithmetic: int = 0
    pooling: int = 0
    loads: int = 0
    stack: list[Instruction] = field(default_factory=list)
    accumulators: int = 0

    @property
    def work(self) -> int:
        return self.arithmetic or self.pooling


def text_of(instruction: Instruction) -> str:
    return f"{instruction.mnemonic} {instruction.operands}".strip()


def functions(listing: str) -> dict[str, list[Instruction]]:
    """The instructions of each function of `llvm-objdump -d --no-show-raw-insn`."""
    result: dict[str, list[Instruction]] = {}
    current: list[Instruction] = []
    for line in listing.splitlines():
        if head := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            current = result.setdefault(head[1], [])
        elif row := re.match(r" *([0-9a-f]+):\s+(\S+)\s*(.*)", line):
            operands = re.split(r"\s+(?:#|//|@) |\s*<", row[3])[0].strip()
            current.append(Instruction(int(row[1], 16), row[2], operands))
    return result


def basic_blocks(body: list[Instruction], arch: Architecture) -> tuple[list[list[Instruction]], list[list[int]]]:
    """Runs of instructions that nothing jumps into or out of, and which follow each."""
    jumps = {i.address: int(m[1], 16) for i in body if (m := re.match(arch.jump, text_of(i)))}
    targets = set(jumps.values())
    blocks: list[list[Instruction]] = [[]]
    for instruction in body:
        last = blocks[-1][-1] if blocks[-1] else None
        if last and (instruction.address in targets or last.address in jumps or re.match(arch.end, text_of(last))):
            blocks.append([])
        blocks[-1].append(instruction)
    numbers = {block[0].address: i for i, block in enumerate(blocks) if block}
    successors = []
    for i, block in enumerate(blocks):
        following = [numbers[t] for t in [jumps.get(block[-1].address)] if t in numbers] if block else []
        if block and i + 1 < len(blocks) and not re.match(arch.end, text_of(block[-1])):
            following.append(i + 1)
        successors.append(following)
    return blocks, successors


def reachable(start: int, edges: dict[int, set[int]]) -> set[int]:
    seen, todo = set(), [start]
    while todo:
        for following in edges[todo.pop()] - seen:
            seen.add(following)
            todo.append(following)
    return seen


def cycles(edges: dict[int, set[int]]) -> list[set[int]]:
    """Sets of blocks that all reach each other, largest ones."""
    reaches = {node: reachable(node, edges) for node in edges}
    result, done = [], set()
    for node in edges:
        if node in done or node not in reaches[node]:
            continue
        result.append({other for other in reaches[node] if node in reaches[other]})
        done |= result[-1]
    return result


def innermost_cycles(edges: dict[int, set[int]]) -> list[set[int]]:
    """Loops that hold no other: without the edges to a loop's entry, what is left of it are the loops within."""
    result = []
    for members in cycles(edges):
        outside = {t for node, following in edges.items() if node not in members for t in following}
        entry = min(members & outside or members)
        within = {node: (edges[node] & members) - {entry} for node in members}
        result += innermost_cycles(within) or [members]
    return result


def innermost_loops(name: str, body: list[Instruction], arch: Architecture) -> list[Loop]:
    blocks, successors = basic_blocks(body, arch)
    frame = next((m[1] for m in (re.match(arch.frame, text_of(i)) for i in body) if m), None)
    stack = arch.stack + (rf"|{re.escape(frame)}\b" if frame else "")
    found = innermost_cycles({i: set(following) for i, following in enumerate(successors)})
    return [measure(Loop(name, [i for b in sorted(members) for i in blocks[b]]), arch, stack) for members in found]


def measure(loop: Loop, arch: Architecture, stack: str) -> Loop:
    written = set()
    for instruction in loop.body:
        text = text_of(instruction)
        if re.search(stack, instruction.operands):
            loop.stack.append(instruction)
        if re.match(arch.lea, text):
            continue
        if re.match(arch.arithmetic, text):
            loop.arithmetic += 1
            written.add(re.search(arch.accumulator, text)[1])
        elif re.match(arch.pooling, text):
            loop.pooling += 1
        loop.loads += arch.loads(instruction)
    loop.accumulators = len(written)
    return loop


def loops(listing: str, arch: Architecture) -> list[Loop]:
    """All innermost loops that compute on vectors of floats."""
    found = [loop for name, body in functions(listing).items() for loop in innermost_loops(name, body, arch)]
    return [loop for loop in found if loop.work]


def main_loop(found: list[Loop]) -> Loop:
    """Where the time goes: the loop with most accumulators, which does nothing but multiply-adds where there is such a
    one. Others compute what it leaves over, at borders, or transform."""
    pure = [loop for loop in found if loop.arithmetic and not loop.pooling]
    return max(pure or found, key=lambda loop: (loop.accumulators, loop.arithmetic, loop.pooling, -len(loop.body)))
