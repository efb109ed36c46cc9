/// Runs a program and makes one of its writes fail, or ends it there:
///
///     fer_fault_tracer FOLDER LOG [NUMBER FAULT] -- PROGRAM ARGUMENT...
///
/// Every system call that changes something below FOLDER is counted, in all threads and child processes,
/// whoever makes it: the C library's buffers, OpenCV and FFmpeg go the same way. LOG gets a line
/// `number<TAB>call<TAB>path below FOLDER` for each. At call NUMBER happens FAULT:
///
///     short        half of the bytes are taken
///     eintr        interrupted, nothing is taken
///     enospc       the disk is full, from then on
///     eio-once     an I/O error
///     eio          an I/O error, from then on
///     kill-before  SIGKILL
///     kill-after   SIGKILL when the call has done its work
///     vanish       FOLDER is renamed away before the call
///
/// Connections to other machines are refused and stand in LOG as `0<TAB>connect<TAB>address`.
/// Exit code: the program's, 128 + N where signal N ended it; 127: it could not be started.

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

using Registers = user_regs_struct;
using Word = unsigned long long;

/// Where a call says what it changes.
enum class Names { descriptor, path, path_in_folder, second_path, second_path_in_folder, address };

struct TracedCall {
  int number;
  const char* name;
  Names names;
  bool takes_room = false;
  bool opens = false;
};

constexpr std::array kCalls = {
    TracedCall{SYS_write, "write", Names::descriptor, true},
    TracedCall{SYS_pwrite64, "pwrite", Names::descriptor, true},
    TracedCall{SYS_writev, "writev", Names::descriptor, true},
    TracedCall{SYS_pwritev, "pwritev", Names::descriptor, true},
    TracedCall{SYS_fallocate, "fallocate", Names::descriptor, true},
    TracedCall{SYS_ftruncate, "ftruncate", Names::descriptor},
    TracedCall{SYS_fsync, "fsync", Names::descriptor},
    TracedCall{SYS_fdatasync, "fdatasync", Names::descriptor},
    TracedCall{SYS_close, "close", Names::descriptor},
    TracedCall{SYS_open, "open", Names::path, true, true},
    TracedCall{SYS_openat, "open", Names::path_in_folder, true, true},
    TracedCall{SYS_creat, "open", Names::path, true},
    TracedCall{SYS_truncate, "truncate", Names::path},
    TracedCall{SYS_mkdir, "mkdir", Names::path, true},
    TracedCall{SYS_mkdirat, "mkdir", Names::path_in_folder, true},
    TracedCall{SYS_rename, "rename", Names::second_path},
    TracedCall{SYS_renameat, "rename", Names::second_path_in_folder},
    TracedCall{SYS_renameat2, "rename", Names::second_path_in_folder},
    TracedCall{SYS_unlink, "unlink", Names::path},
    TracedCall{SYS_unlinkat, "unlink", Names::path_in_folder},
    TracedCall{SYS_rmdir, "unlink", Names::path},
    TracedCall{SYS_connect, "connect", Names::address},
    TracedCall{SYS_sendto, "connect", Names::address},
};

const TracedCall* call_of(const Registers& registers) {
  const auto* const call =
      std::ranges::find(kCalls, static_cast<int>(registers.orig_rax), &TracedCall::number);
  return call == kCalls.end() ? nullptr : call;
}

std::string bytes_at(pid_t thread, Word address, std::size_t size) {
  std::string bytes(size, '\0');
  // Page by page: what follows the text may not be there.
  std::size_t got = 0;
  while (got < size) {
    const std::size_t piece = std::min<std::size_t>(size - got, 4096 - (address + got) % 4096);
    const iovec here{bytes.data() + got, piece};
    const iovec there{reinterpret_cast<void*>(address + got), piece};
    if (::process_vm_readv(thread, &here, 1, &there, 1, 0) != static_cast<ssize_t>(piece)) break;
    got += piece;
    if (bytes.find('\0') < got) break;
  }
  bytes.resize(got);
  return bytes;
}

std::string text_at(pid_t thread, Word address) { return bytes_at(thread, address, 4096).c_str(); }

std::string link_of(pid_t thread, const std::string& what) {
  std::error_code gone;
  return fs::read_symlink("/proc/" + std::to_string(thread) + "/" + what, gone).string();
}

std::string path_in(pid_t thread, int folder, Word address) {
  const std::string base = folder == AT_FDCWD ? "cwd" : "fd/" + std::to_string(folder);
  return (fs::path(link_of(thread, base)) / text_at(thread, address)).lexically_normal();
}

bool is_open_for_writing(pid_t thread, int descriptor) {
  std::ifstream info("/proc/" + std::to_string(thread) + "/fdinfo/" + std::to_string(descriptor));
  std::string word;
  while (info >> word && word != "flags:") {
  }
  info >> word;
  return (std::strtol(word.c_str(), nullptr, 8) & O_ACCMODE) != O_RDONLY;
}

bool changes_something(pid_t thread, const TracedCall& call, const Registers& registers) {
  if (call.opens) {
    const Word flags = call.number == SYS_open ? registers.rsi : registers.rdx;
    return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
  }
  return call.number != SYS_close || is_open_for_writing(thread, static_cast<int>(registers.rdi));
}

std::string path_of(pid_t thread, const TracedCall& call, const Registers& registers) {
  switch (call.names) {
    case Names::descriptor:
      return link_of(thread, "fd/" + std::to_string(static_cast<int>(registers.rdi)));
    case Names::path:
      return path_in(thread, AT_FDCWD, registers.rdi);
    case Names::path_in_folder:
      return path_in(thread, static_cast<int>(registers.rdi), registers.rsi);
    case Names::second_path:
      return path_in(thread, AT_FDCWD, registers.rsi);
    case Names::second_path_in_folder:
      return path_in(thread, static_cast<int>(registers.rdx), registers.r10);
    case Names::address:
      break;
  }
  return "";
}

/// Of a connection to another machine.
std::optional<std::string> address_of(pid_t thread, const Registers& registers) {
  const Word place = registers.orig_rax == SYS_connect ? registers.rsi : registers.r8;
  sockaddr_storage address{};
  const iovec here{&address, sizeof(sockaddr_in6)};
  const iovec there{reinterpret_cast<void*>(place), sizeof(sockaddr_in6)};
  if (place == 0 || ::process_vm_readv(thread, &here, 1, &there, 1, 0) <= 0) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto* const four = reinterpret_cast<const sockaddr_in*>(&address);
    ::inet_ntop(AF_INET, &four->sin_addr, text.data(), text.size());
  } else if (address.ss_family == AF_INET6) {
    const auto* const six = reinterpret_cast<const sockaddr_in6*>(&address);
    ::inet_ntop(AF_INET6, &six->sin6_addr, text.data(), text.size());
  } else {
    return std::nullopt;
  }
  const std::string name = text.data();
  if (name.starts_with("127.") || name == "::1" || name.starts_with("::ffff:127.")) return std::nullopt;
  return name;
}

struct Plan {
  std::string folder;
  std::string log;
  long at = 0;  ///< no fault
  std::string fault;
};

class Tracer {
 public:
  explicit Tracer(Plan plan) : plan_(std::move(plan)), log_(plan_.log) {}

  /// Until the program and all that it started are over.
  int run(pid_t program) {
    int code = 0;
    for (;;) {
      int status = 0;
      const pid_t thread = ::waitpid(-1, &status, __WALL);
      if (thread < 0) return code;
      if (WIFSTOPPED(status)) {
        on_stop(thread, status);
      } else if (thread == program) {
        code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
    }
  }

 private:
  void on_stop(pid_t thread, int status) {
    const int event = status >> 16;
    const int signal = WSTOPSIG(status);
    if (event == PTRACE_EVENT_SECCOMP) {
      on_call(thread);
    } else if (signal == (SIGTRAP | 0x80)) {
      on_return(thread);
    } else {
      const bool ours = event != 0 || signal == SIGSTOP;
      ::ptrace(PTRACE_CONT, thread, nullptr, ours ? 0 : signal);
    }
  }

  void on_call(pid_t thread) {
    Registers registers{};
    ::ptrace(PTRACE_GETREGS, thread, nullptr, &registers);
    const TracedCall* const call = call_of(registers);
    if (call != nullptr && call->names == Names::address) {
      if (const auto address = address_of(thread, registers)) {
        log_ << "0\tconnect\t" << *address << std::endl;
        refuse(thread, registers, ENETUNREACH);
      }
    } else if (call != nullptr && changes_something(thread, *call, registers)) {
      const std::string path = path_of(thread, *call, registers);
      if (path.starts_with(plan_.folder + "/") || path == plan_.folder) {
        log_ << ++count_ << '\t' << call->name << '\t'
             << fs::path(path).lexically_relative(plan_.folder).string() << std::endl;
        if (interfere(thread, *call, registers)) return;
      }
    }
    ::ptrace(PTRACE_CONT, thread, nullptr, 0);
  }

  /// Whether the thread has gone on already.
  bool interfere(pid_t thread, const TracedCall& call, Registers& registers) {
    const std::string& fault = plan_.fault;
    const bool now = count_ == plan_.at;
    const bool later = plan_.at > 0 && count_ > plan_.at;
    if (now && fault == "kill-before") ::kill(thread, SIGKILL);
    if (now && fault == "kill-after") return until_return(thread, {.kill = true});
    if (now && fault == "vanish") fs::rename(plan_.folder, plan_.folder + ".gone");
    if (now && fault == "short") shorten(thread, call, registers);
    if (now && fault == "eintr") refuse(thread, registers, EINTR);
    if ((now || (later && call.takes_room)) && fault == "enospc")
      return fail(thread, call, registers, ENOSPC);
    if ((now && fault == "eio-once") || ((now || later) && fault == "eio"))
      return fail(thread, call, registers, EIO);
    return false;
  }

  /// A descriptor is closed even where closing it fails.
  bool fail(pid_t thread, const TracedCall& call, Registers& registers, int error) {
    if (call.number == SYS_close) return until_return(thread, {.error = error});
    refuse(thread, registers, error);
    return false;
  }

  static void refuse(pid_t thread, Registers& registers, int error) {
    registers.orig_rax = static_cast<Word>(-1);
    registers.rax = static_cast<Word>(-error);
    ::ptrace(PTRACE_SETREGS, thread, nullptr, &registers);
  }

  /// Of calls that write bytes, the others being all or nothing.
  static void shorten(pid_t thread, const TracedCall& call, Registers& registers) {
    const bool bytes = call.number == SYS_write || call.number == SYS_pwrite64;
    const bool pieces = call.number == SYS_writev || call.number == SYS_pwritev;
    if (!bytes && !pieces) return;
    if (registers.rdx > 1) registers.rdx = pieces ? 1 : registers.rdx / 2;
    ::ptrace(PTRACE_SETREGS, thread, nullptr, &registers);
  }

  struct AtReturn {
    bool kill = false;
    int error = 0;
  };

  bool until_return(pid_t thread, AtReturn then) {
    waiting_[thread] = then;
    ::ptrace(PTRACE_SYSCALL, thread, nullptr, 0);
    return true;
  }

  void on_return(pid_t thread) {
    const auto waiting = waiting_.extract(thread);
    if (!waiting.empty() && waiting.mapped().kill) ::kill(thread, SIGKILL);
    if (!waiting.empty() && waiting.mapped().error != 0) {
      Registers registers{};
      ::ptrace(PTRACE_GETREGS, thread, nullptr, &registers);
      registers.rax = static_cast<Word>(-waiting.mapped().error);
      ::ptrace(PTRACE_SETREGS, thread, nullptr, &registers);
    }
    ::ptrace(PTRACE_CONT, thread, nullptr, 0);
  }

  Plan plan_;
  std::ofstream log_;
  long count_ = 0;
  std::map<pid_t, AtReturn> waiting_;
};

/// Has the kernel stop this process at the calls of the table, and at no others.
void stop_at_calls() {
  std::vector<sock_filter> program = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const TracedCall& call : kCalls) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call.number), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

int trace(const Plan& plan, char** program) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    stop_at_calls();
    ::execvp(program[0], program);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  constexpr long kOptions = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
                            PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (!WIFSTOPPED(status) || ::ptrace(PTRACE_SETOPTIONS, child, nullptr, kOptions) != 0) {
    std::perror("ptrace");
    return 127;
  }
  ::ptrace(PTRACE_CONT, child, nullptr, 0);
  return Tracer(plan).run(child);
}

}  // namespace

int main(int argc, char** argv) {
  const int separator = argc > 3 && std::string_view(argv[3]) == "--" ? 3 : 5;
  if (argc <= separator + 1 || std::string_view(argv[separator]) != "--") {
    std::fputs("fer_fault_tracer FOLDER LOG [NUMBER FAULT] -- PROGRAM ARGUMENT...\n", stderr);
    return 127;
  }
  Plan plan{.folder = fs::canonical(argv[1]), .log = argv[2], .at = 0, .fault = ""};
  if (separator == 5) {
    plan.at = std::atol(argv[3]);
    plan.fault = argv[4];
  }
  return trace(plan, argv + separator + 1);
}
