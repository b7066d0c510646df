//===- ForkPool.cpp - Jobs in child processes -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check/ForkPool.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Compiler.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;

namespace mlc {

using Clock = std::chrono::steady_clock;

static constexpr size_t kLogBytes = 4096;

namespace {
/// The reading end of a pipe from a child.
class Pipe {
public:
  /// Reads what is there; closes at the end of the stream. Keeps the last
  /// `keep` bytes.
  void drain(std::string &into, size_t keep = std::string::npos);
  bool isOpen() const { return fd >= 0; }
  void close();

  int fd = -1;
};

struct Child {
  pid_t pid;
  size_t index;
  Clock::time_point start;
  Pipe output, log;
  JobResult result;
};

class Pool {
public:
  Pool(size_t count, const ForkLimits &limits,
       function_ref<std::string(size_t)> job,
       function_ref<void(size_t, JobResult)> done)
      : count(count), limits(limits), job(job), done(done) {}

  Error run();

private:
  Error start(size_t index);
  [[noreturn]] void runChild(size_t index, int output, int log);
  void waitForNews();
  void collect();
  void reap(Child &child);
  void deliver();

  size_t count;
  const ForkLimits &limits;
  function_ref<std::string(size_t)> job;
  function_ref<void(size_t, JobResult)> done;
  SmallVector<std::unique_ptr<Child>> children;
  /// Results that wait for one of a lower index.
  std::map<size_t, JobResult> finished;
  size_t nextDelivered = 0;
};
} // namespace

void Pipe::close() {
  ::close(fd);
  fd = -1;
}

void Pipe::drain(std::string &into, size_t keep) {
  // Bounded, so that a child which never stops writing does not keep the
  // parent from looking at the clock.
  char buffer[16384];
  for (int round = 0; round < 64 && isOpen(); ++round) {
    ssize_t size = ::read(fd, buffer, sizeof buffer);
    if (size > 0)
      into.append(buffer, size);
    else if (size == 0)
      close();
    else if (errno != EINTR)
      break; // EAGAIN: nothing more for now.
    if (into.size() > keep)
      into.erase(0, into.size() - keep);
  }
}

static void limit(decltype(RLIMIT_AS) resource, rlim_t value) {
  rlimit bounds{value, value};
  setrlimit(resource, &bounds);
}

static void writeAll(int fd, StringRef text) {
  while (!text.empty()) {
    ssize_t size = ::write(fd, text.data(), text.size());
    if (size < 0 && errno != EINTR)
      return;
    text = text.drop_front(std::max<ssize_t>(size, 0));
  }
}

void Pool::runChild(size_t index, int output, int log) {
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  // A crash is the parent's to report: no handler, no stack trace, no core.
  for (int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGTRAP})
    std::signal(signal, SIG_DFL);
  limit(RLIMIT_CORE, 0);
  // A child that outlives its parent still ends.
  limit(RLIMIT_CPU, limits.seconds + 5);
  // Shadow memory of a sanitizer takes terabytes of addresses.
  if (limits.memory && !LLVM_ADDRESS_SANITIZER_BUILD)
    limit(RLIMIT_AS, limits.memory);
  writeAll(output, job(index));
  outs().flush();
  // Neither destructors nor buffers of the parent are the child's business.
  ::_exit(0);
}

Error Pool::start(size_t index) {
  int output[2], log[2];
  if (::pipe2(output, O_CLOEXEC) < 0)
    return createStringError("cannot open a pipe: " + sys::StrError());
  if (::pipe2(log, O_CLOEXEC) < 0) {
    ::close(output[0]);
    ::close(output[1]);
    return createStringError("cannot open a pipe: " + sys::StrError());
  }
  outs().flush(); // Or the child would write it once more.
  pid_t pid = ::fork();
  if (pid == 0)
    runChild(index, output[1], log[1]);
  ::close(output[1]);
  ::close(log[1]);
  auto child = std::make_unique<Child>();
  child->pid = pid;
  child->index = index;
  child->start = Clock::now();
  child->output.fd = output[0];
  child->log.fd = log[0];
  for (int fd : {output[0], log[0]})
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
  if (pid < 0) {
    child->output.close();
    child->log.close();
    return createStringError("cannot start a process: " + sys::StrError());
  }
  children.push_back(std::move(child));
  return Error::success();
}

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Sleeps until a child writes or ends, or the next deadline is close.
void Pool::waitForNews() {
  SmallVector<pollfd> polled;
  double left = limits.seconds;
  for (auto &child : children) {
    for (Pipe *pipe : {&child->output, &child->log})
      if (pipe->isOpen())
        polled.push_back({pipe->fd, POLLIN, 0});
    left = std::min(left, limits.seconds - secondsSince(child->start));
  }
  ::poll(polled.data(), polled.size(), int(std::max(left, 0.0) * 1000) + 1);
}

/// Takes the end of a child whose pipes are closed or whose time is up.
void Pool::reap(Child &child) {
  bool late = child.output.isOpen();
  if (late)
    ::kill(child.pid, SIGKILL);
  int status = 0;
  while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
    continue;
  JobResult &result = child.result;
  result.seconds = secondsSince(child.start);
  child.output.drain(result.output);
  child.log.drain(result.log, kLogBytes);
  for (Pipe *pipe : {&child.output, &child.log})
    if (pipe->isOpen())
      pipe->close();
  if (late) {
    result.kind = JobResult::TimedOut;
  } else if (WIFSIGNALED(status)) {
    result.kind = JobResult::Crashed;
    result.reason = strsignal(WTERMSIG(status));
  } else if (WEXITSTATUS(status) != 0) {
    result.kind = JobResult::Crashed;
    result.reason = "exit status " + std::to_string(WEXITSTATUS(status));
  }
  finished.emplace(child.index, std::move(result));
}

void Pool::collect() {
  erase_if(children, [&](std::unique_ptr<Child> &child) {
    child->output.drain(child->result.output);
    child->log.drain(child->result.log, kLogBytes);
    bool ended = !child->output.isOpen();
    if (!ended && secondsSince(child->start) < limits.seconds)
      return false;
    reap(*child);
    return true;
  });
}

void Pool::deliver() {
  for (auto it = finished.find(nextDelivered); it != finished.end();
       it = finished.find(nextDelivered)) {
    JobResult result = std::move(it->second);
    finished.erase(it);
    done(nextDelivered++, std::move(result));
  }
}

Error Pool::run() {
  size_t next = 0;
  Error error = Error::success();
  while (nextDelivered < count) {
    while (!error && next < count && children.size() < limits.parallel)
      error = start(next++);
    if (children.empty())
      break;
    waitForNews();
    collect();
    deliver();
  }
  return error;
}

Error runForked(size_t count, const ForkLimits &limits,
                function_ref<std::string(size_t)> job,
                function_ref<void(size_t, JobResult)> done) {
  return Pool(count, limits, job, done).run();
}

} // namespace mlc
