#include "fer/report/event_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/host_name.hpp"

namespace fer {
namespace {

constexpr std::string_view kPrefix = "events.out.tfevents.";
constexpr std::string_view kSuffix = ".fer";

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    table[i] = crc;
  }
  return table;
}

template <class Unsigned>
std::string little_endian(Unsigned value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(value); ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xFFU);
  return bytes;
}

/// TFRecord's framing: length, its checksum, data, their checksum.
std::string record(std::string_view data) {
  const auto masked_crc = [](std::string_view bytes) {
    return little_endian(std::rotr(crc32c(bytes), 15) + 0xA282EAD8U);
  };
  const std::string length = little_endian(std::uint64_t{data.size()});
  return length + masked_crc(length) + std::string(data) + masked_crc(data);
}

// Protocol Buffers' wire format: a field is its number and kind, then the value.

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7FU) | 0x80U);
  return bytes + static_cast<char>(value);
}

std::string field(unsigned number, std::uint64_t value) { return varint(number << 3 | 0U) + varint(value); }

std::string field(unsigned number, double value) {
  return varint(number << 3 | 1U) + little_endian(std::bit_cast<std::uint64_t>(value));
}

std::string field(unsigned number, std::string_view value) {
  return varint(number << 3 | 2U) + varint(value.size()) + std::string(value);
}

std::string field(unsigned number, float value) {
  return varint(number << 3 | 5U) + little_endian(std::bit_cast<std::uint32_t>(value));
}

// Numbers of the fields: TensorFlow's event.proto and summary.proto.

/// The beginning of every file: its version, and that what other files said of the run no longer counts.
std::string opening(double time) {
  constexpr std::uint64_t kStart = 1;
  return record(field(1, time) + field(3, "brain.Event:2")) +
         record(field(1, time) + field(7, field(1, kStart)));
}

std::string epoch_record(const EpochResult& epoch, double time) {
  const std::array<std::pair<std::string_view, double>, 7> scalars = {{
      {"loss/train", epoch.train_loss},
      {"loss/val", epoch.val_loss},
      {"accuracy/train", epoch.train_accuracy},
      {"accuracy/val", epoch.val_accuracy},
      {"macro_f1/val", epoch.val_macro_f1},
      {"lr", epoch.lr},
      {"images_per_second", epoch.images_per_second},
  }};
  std::string summary;
  for (const auto& [tag, value] : scalars) {
    summary += field(1, field(1, tag) + field(2, static_cast<float>(value)));
  }
  return record(field(1, time) + field(2, static_cast<std::uint64_t>(epoch.epoch)) + field(5, summary));
}

/// Whether a file of this name is ours: finished, or left half-written (hidden) by a run that was killed.
bool is_ours(std::string_view name) {
  if (name.starts_with('.')) name = name.substr(1, name.find(".tmp") - 1);
  return name.starts_with(kPrefix) && name.ends_with(kSuffix);
}

void remove_others(const std::filesystem::path& folder, const std::filesystem::path& kept) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::filesystem::path& path = entry->path();
    if (path.filename() == kept.filename() || !is_ours(path.filename().string())) continue;
    if (!std::filesystem::remove(path, error) && error) {
      throw failure("{}: cannot remove this file, which {} replaces: {}", path.string(), kept.string(),
                    error.message());
    }
  }
  if (error) throw failure("{}: cannot list this folder: {}", folder.string(), error.message());
}

/// All of the bytes or, as far as the system lets us take them back, none.
void append_to(const std::filesystem::path& path, std::string_view bytes) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  const auto cannot = [&](int reason) {
    return failure("{}: cannot append: {}", path.string(), std::strerror(reason));
  };
  if (descriptor < 0) throw cannot(errno);
  const off_t before = ::lseek(descriptor, 0, SEEK_END);
  int reason = 0;
  for (std::string_view rest = bytes; !rest.empty() && reason == 0;) {
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      reason = errno;
      if (rest.size() < bytes.size() && ::ftruncate(descriptor, before) != 0) reason = errno;
    }
  }
  if (::close(descriptor) != 0 && reason == 0) reason = errno;
  if (reason != 0) throw cannot(reason);
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static constexpr auto kTable = crc_table();
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU];
  return ~crc;
}

EventFile::EventFile(const std::filesystem::path& folder, std::span<const EpochResult> history,
                     std::int64_t started)
    : path_(folder / fmt::format("{}{}.{}{}", kPrefix, started, host_name(), kSuffix)),
      time_(static_cast<double>(started)) {
  for (const EpochResult& epoch : history) time_ -= epoch.seconds;
  std::string bytes = opening(time_);
  for (const EpochResult& epoch : history) bytes += epoch_record(epoch, time_ += epoch.seconds);
  write_file(path_, bytes);
  remove_others(folder, path_);
}

void EventFile::append(const EpochResult& epoch) {
  append_to(path_, epoch_record(epoch, time_ + epoch.seconds));
  time_ += epoch.seconds;
}

}  // namespace fer
