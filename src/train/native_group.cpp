#include "native_group.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#if defined(USE_C10D_NCCL) && __has_include(<nccl.h>)
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace fer {
namespace {

using BackendType = c10d::ProcessGroup::BackendType;

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

/// This machine's address on the way to another, without a word sent: the one that the other can reach.
/// Empty if it cannot be told.
std::string own_address_towards(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  std::array<char, NI_MAXHOST> text{};
  for (const addrinfo* entry = list.get(); entry != nullptr && text[0] == '\0'; entry = entry->ai_next) {
    const int end = ::socket(entry->ai_family, SOCK_DGRAM, 0);
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    if (end >= 0 && ::connect(end, entry->ai_addr, entry->ai_addrlen) == 0 &&
        ::getsockname(end, reinterpret_cast<sockaddr*>(&own), &size) == 0)
      ::getnameinfo(reinterpret_cast<sockaddr*>(&own), size, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST);
    ::close(end);
  }
  return text.data();
}

/// GLOO_SOCKET_IFNAME names the network's interface, as in PyTorch.
c10::intrusive_ptr<c10d::Backend> make_gloo(const StorePtr& store, const RankFacts& facts,
                                            const ProcessGroupOptions& options) {
  using Gloo = c10d::ProcessGroupGloo;
  auto settings = Gloo::Options::create(in_milliseconds(options.timeout));
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  const std::string address = own_address_towards(facts.address, facts.port);
  settings->devices.push_back(interface != nullptr ? Gloo::createDeviceForInterface(interface)
                              : address.empty()    ? Gloo::createDefaultDevice()
                                                   : Gloo::createDeviceForHostname(address));
  return c10::make_intrusive<Gloo>(store, facts.rank, facts.world_size, settings);
}

#if defined(USE_C10D_NCCL) && __has_include(<nccl.h>)
constexpr bool kHasNccl = true;

c10::intrusive_ptr<c10d::Backend> make_nccl(const StorePtr& store, const RankFacts& facts,
                                            const ProcessGroupOptions& options) {
  auto settings = c10d::ProcessGroupNCCL::Options::create();
  settings->timeout = in_milliseconds(options.timeout);
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, facts.rank, facts.world_size, settings);
}
#else
constexpr bool kHasNccl = false;

c10::intrusive_ptr<c10d::Backend> make_nccl(const StorePtr&, const RankFacts&, const ProcessGroupOptions&) {
  throw usage_error("--backend nccl: this build has no NCCL: LibTorch lacks it, or there was no nccl.h");
}
#endif

}  // namespace

c10::intrusive_ptr<c10d::ProcessGroup> make_native_group(const StorePtr& store, const RankFacts& facts,
                                                         const ProcessGroupOptions& options) {
  const bool gpu = options.device.is_cuda();
  const bool nccl = options.backend == "nccl" || (options.backend == "auto" && gpu && kHasNccl);
  if (nccl && !gpu)
    throw usage_error("--backend nccl: is for GPUs, and this training runs on the CPU (train.device)");
  auto group = c10::make_intrusive<c10d::ProcessGroup>(store, facts.rank, facts.world_size);
  const auto gloo = make_gloo(store, facts, options);
  group->setBackend(c10::DeviceType::CPU, BackendType::GLOO, gloo);
  if (nccl) {
    group->setBackend(c10::DeviceType::CUDA, BackendType::NCCL, make_nccl(store, facts, options));
  } else if (gpu) {
    group->setBackend(c10::DeviceType::CUDA, BackendType::GLOO, gloo);
  }
  group->setDefaultBackend(nccl ? BackendType::NCCL : BackendType::GLOO);
  return group;
}

}  // namespace fer
