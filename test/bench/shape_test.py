"""What bench/shape reads from listings, and what it refuses."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench"))
import assembly  # noqa: E402
import shape  # noqa: E402

X86 = """
0000000000000000 <k>:
       0:      	xorl	%eax, %eax
       4:      	vmovups	0x40(%rsp), %ymm9
       8:      	vmovups	(%rdi,%rax,4), %ymm0
      10:      	vbroadcastss	(%rsi), %ymm2
      14:      	vfmadd231ps	%ymm0, %ymm2, %ymm4 # ymm4 = (ymm2 * ymm0) + ymm4
      18:      	vfmadd231ps	0x20(%rdi), %ymm2, %ymm5
      1c:      	leaq	0x8(%rax), %rax
      20:      	cmpq	$0x5c, %rax
      24:      	jb	0x8 <k+0x8>
      28:      	vmovups	%ymm4, (%rdx)
      2c:      	addq	$0x1, %r8
      30:      	jb	0x4 <k+0x4>
      34:      	retq
"""
AARCH64 = """
0000000000000000 <k>:
       0:      	ldp	q0, q1, [x0], #32
       4:      	ldr	q2, [x1]
       8:      	ld1r	{ v3.4s }, [x2]
       c:      	fmla	v4.4s, v0.4s, v2.s[0]
      10:      	fmla	v5.4s, v1.4s, v2.s[1]
      14:      	b.ne	0x0 <k>
      18:      	ret
"""
ARMV7 = """
00000000 <k>:
       0:      	vld1.32	{d0, d1}, [r1:128], r3
       4:      	vldmia	r5, {d2-d5}
       8:      	vmla.f32	q12, q10, d2[0]
       c:      	bl	0x0 <other>
      10:      	blo	0x0 <k>
      14:      	bx	lr
"""
BOTTOM_TESTED = """
0000000000000000 <k>:
       0:      	jmp	0x8 <k+0x8>
       4:      	vmovups	0x10(%rsp), %ymm1
       8:      	nop
      10:      	vfmadd231ps	%ymm0, %ymm2, %ymm4
      14:      	jb	0x10 <k+0x10>
      18:      	jne	0x4 <k+0x4>
      1c:      	retq
"""
TARGET = {"name": "t", "triple": "x86_64-linux-gnu", "tile": [5, 2], "lanes": 1, "models": []}
TABLE = {
    "targets": [TARGET],
    "cases": [{"name": "a"}, {"name": "b", "loads": 1.25}],
    "bars": {"stack": 0, "borders": 0, "mca": 0.85},
    "exceptions": [
        {"targets": ["t*"], "cases": ["b"], "epilogues": ["silu"], "metric": "stack", "bar": 0.5, "reason": "narrow"},
        {"metric": "borders", "bar": 0.1, "reason": "wide"},
    ],
}


def only_loop(listing: str, architecture: assembly.Architecture) -> assembly.Loop:
    (loop,) = assembly.loops(listing, architecture)
    return loop


class AssemblyTest(unittest.TestCase):
    def test_loops_around_are_left_out(self) -> None:
        loop = only_loop(X86, assembly.X86_64)
        self.assertEqual((loop.arithmetic, loop.loads, loop.accumulators, loop.stack), (2, 3, 2, []))
        self.assertEqual(loop.body[0].address, 8)

    def test_stack_in_a_loop_is_seen(self) -> None:
        spilled = X86.replace("vmovups	(%rdi,%rax,4)", "vmovups	-0x20(%rsp)")
        self.assertEqual(len(only_loop(spilled, assembly.X86_64).stack), 1)
        stored = X86.replace("leaq	0x8(%rax), %rax", "movq	%rax, 0x8(%rsp)")
        self.assertEqual(len(only_loop(stored, assembly.X86_64).stack), 1)

    def test_a_frame_pointer_is_the_stack(self) -> None:
        framed = X86.replace("xorl	%eax, %eax", "movq	%rsp, %rbp").replace("(%rsi)", "-0x8(%rbp)")
        self.assertEqual(len(only_loop(framed, assembly.X86_64).stack), 1)
        self.assertEqual(only_loop(X86.replace("(%rsi)", "-0x8(%rbp)"), assembly.X86_64).stack, [])

    def test_neon_counts_registers(self) -> None:
        loop = only_loop(AARCH64, assembly.AARCH64)
        self.assertEqual((loop.arithmetic, loop.loads, loop.accumulators), (2, 4, 2))
        spilled = AARCH64.replace("[x1]", "[sp, #16]")
        self.assertEqual(len(only_loop(spilled, assembly.AARCH64).stack), 1)

    def test_armv7_pairs_registers_and_calls_are_no_jumps(self) -> None:
        loop = only_loop(ARMV7, assembly.ARMV7)
        self.assertEqual((loop.arithmetic, loop.loads, len(loop.body)), (1, 3, 5))

    def test_blocks_of_an_outer_loop_within_the_text_are_not_the_loop(self) -> None:
        loop = only_loop(BOTTOM_TESTED, assembly.X86_64)
        self.assertEqual((len(loop.body), loop.stack), (2, []))

    def test_main_loop_has_most_accumulators(self) -> None:
        loops = [assembly.Loop("k", [], arithmetic=a, pooling=p, accumulators=n) for a, p, n in ((8, 4, 9), (8, 0, 4), (9, 0, 2))]
        self.assertIs(assembly.main_loop(loops), loops[1])
        self.assertIs(assembly.main_loop(loops[:1]), loops[0])


class BarsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.bars = shape.Bars(TABLE)

    def misses(self, case: str, epilogue: str = "relu", **values: float) -> list[str]:
        return self.bars.misses(shape.Measurement("t", case, epilogue, values))

    def test_spills_miss(self) -> None:
        self.assertEqual(self.misses("a", stack=0.0), [])
        self.assertEqual(self.misses("a", stack=0.25), ["stack 0.25, at most 0.00 is required"])

    def test_loads_are_held_to_the_tile_or_the_case(self) -> None:
        self.assertEqual(self.misses("a", loads=0.7), [])
        self.assertEqual(len(self.misses("a", loads=0.72)), 1)
        self.assertEqual(self.misses("b", loads=1.25), [])

    def test_more_is_better_of_the_share(self) -> None:
        self.assertEqual(self.misses("a", mca=0.9), [])
        self.assertEqual(self.misses("a", mca=0.8), ["mca 0.80, at least 0.85 is required"])

    def test_exceptions_hold_for_what_they_name(self) -> None:
        self.assertEqual(self.misses("b", "silu", stack=0.4), [])
        self.assertEqual(len(self.misses("b", "silu", stack=0.6)), 1)
        self.assertEqual(len(self.misses("b", "relu", stack=0.4)), 1)
        self.assertEqual(self.misses("a", borders=0.1), [])

    def test_lanes_save_loads(self) -> None:
        self.assertAlmostEqual(shape.tile_loads({"tile": [8, 2], "lanes": 4}), 0.25)

    def test_failures_miss(self) -> None:
        self.assertEqual(self.bars.misses(shape.Measurement("t", "a", "relu", failure="no loop")), ["no loop"])


if __name__ == "__main__":
    unittest.main()
