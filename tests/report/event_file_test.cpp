#include "fer/report/event_file.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fer/core/files.hpp"
#include "report/read_with_python.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::error_text;
using test::read_with_python;
using test::TempFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::int64_t kStarted = 1'700'000'000;

EpochResult epoch_number(int number) {
  return {.epoch = number,
          .stage = 1,
          .lr = 1e-3 / number,
          .train_loss = 2.0 / number,
          .train_accuracy = 0.5,
          .val_loss = 3.0 / number,
          .val_accuracy = 1.0 - 0.5 / number,
          .val_macro_f1 = 0,
          .images_per_second = 300.0 * number,
          .seconds = 10};
}

std::vector<EpochResult> numbered_epochs(int count) {
  std::vector<EpochResult> all;
  for (int number = 1; number <= count; ++number) all.push_back(epoch_number(number));
  return all;
}

template <class T>
T number_at(const std::string& bytes, std::size_t place) {
  T value{};
  EXPECT_LE(place + sizeof(T), bytes.size());
  std::memcpy(&value, bytes.data() + place, sizeof(T));  // the tests run on little-endian machines
  return value;
}

/// CRC-32C bit by bit, masked as TFRecord wants it.
std::uint32_t masked_crc(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc % 2 == 1 ? crc / 2 ^ 0x82F63B78 : crc / 2;
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
}

/// What the records of a file hold; the test fails where framing or a checksum is wrong.
std::vector<std::string> records(const fs::path& path) {
  const std::string bytes = read_file(path);
  std::vector<std::string> found;
  for (std::size_t place = 0; place < bytes.size();) {
    const auto length = number_at<std::uint64_t>(bytes, place);
    EXPECT_EQ(number_at<std::uint32_t>(bytes, place + 8), masked_crc(bytes.substr(place, 8)));
    found.push_back(bytes.substr(place + 12, length));
    EXPECT_EQ(number_at<std::uint32_t>(bytes, place + 12 + length), masked_crc(found.back()));
    place += 12 + length + 4;
  }
  return found;
}

/// The fields of a Protocol Buffers message in their order: their numbers, and the bytes of their values.
std::multimap<unsigned, std::string> fields(const std::string& message) {
  std::multimap<unsigned, std::string> found;
  std::size_t place = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(message.at(place++));
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
  };
  while (place < message.size()) {
    const std::uint64_t key = varint();
    const std::uint64_t kind = key % 8;
    std::size_t begin = place;
    if (kind == 0) {
      varint();
    } else {
      const std::uint64_t size = kind == 1 ? 8 : kind == 5 ? 4 : varint();
      begin = kind == 2 ? place : begin;
      place = begin + size;
    }
    found.emplace(key / 8, message.substr(begin, place - begin));
  }
  return found;
}

std::string only(const std::multimap<unsigned, std::string>& message, unsigned number) {
  EXPECT_EQ(message.count(number), 1U) << "field " << number;
  const auto found = message.find(number);
  return found == message.end() ? "" : found->second;
}

struct Scalars {
  int step = 0;
  double time = 0;
  std::map<std::string, float> values;
};

Scalars scalars(const std::string& event_bytes) {
  const auto event = fields(event_bytes);
  Scalars read{.step = only(event, 2).at(0), .time = number_at<double>(only(event, 1), 0), .values = {}};
  const auto summary = fields(only(event, 5));
  for (const auto& [number, bytes] : summary) {
    EXPECT_EQ(number, 1U);
    const auto value = fields(bytes);
    read.values[only(value, 1)] = number_at<float>(only(value, 2), 0);
  }
  return read;
}

std::vector<int> steps(const fs::path& path) {
  const std::vector<std::string> all = records(path);
  std::vector<int> numbers;
  for (std::size_t i = 2; i < all.size(); ++i) numbers.push_back(scalars(all[i]).step);
  return numbers;
}

TEST(Crc32c, gives_the_numbers_of_the_standard) {
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  EXPECT_EQ(crc32c(rising), 0x46DD794EU);
  EXPECT_EQ(crc32c(std::string(rising.rbegin(), rising.rend())), 0x113FDB5CU);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(EventFile, is_named_as_tensorboard_looks_for_it) {
  const TempFolder folder;
  const EventFile file(folder.path(), {}, kStarted);
  std::string host(256, '\0');
  ASSERT_EQ(::gethostname(host.data(), host.size()), 0);
  host.resize(std::strlen(host.c_str()));
  EXPECT_EQ(file.path(), folder.path() / ("events.out.tfevents.1700000000." + host + ".fer"));
  EXPECT_THAT(folder.files(), ElementsAre(file.path().filename()));
}

TEST(EventFile, opens_with_its_version_and_a_restart) {
  const TempFolder folder;
  const std::vector<std::string> all = records(EventFile(folder.path(), {}, kStarted).path());
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(only(fields(all[0]), 3), "brain.Event:2");
  EXPECT_EQ(number_at<double>(only(fields(all[0]), 1), 0), kStarted);
  EXPECT_EQ(only(fields(only(fields(all[1]), 7)), 1), "\x01");
}

TEST(EventFile, holds_the_history_then_what_is_appended) {
  const TempFolder folder;
  EventFile file(folder.path(), numbered_epochs(2), kStarted);
  EXPECT_THAT(steps(file.path()), ElementsAre(1, 2));
  file.append(epoch_number(3));
  file.append(epoch_number(4));
  EXPECT_THAT(steps(file.path()), ElementsAre(1, 2, 3, 4));

  const Scalars third = scalars(records(file.path()).at(4));
  const std::map<std::string, float> expected = {
      {"loss/train", 2.0F / 3},   {"loss/val", 1.0F},     {"accuracy/train", 0.5F},
      {"accuracy/val", 5.0F / 6}, {"macro_f1/val", 0.0F}, {"lr", static_cast<float>(1e-3 / 3)},
      {"images_per_second", 900}};
  EXPECT_EQ(third.values, expected);
}

TEST(EventFile, tells_the_time_of_training_without_the_interruption) {
  const TempFolder folder;
  EventFile file(folder.path(), numbered_epochs(2), kStarted);
  file.append(epoch_number(3));
  const std::vector<std::string> all = records(file.path());
  EXPECT_EQ(scalars(all.at(2)).time, kStarted - 10);
  EXPECT_EQ(scalars(all.at(3)).time, kStarted);
  EXPECT_EQ(scalars(all.at(4)).time, kStarted + 10);
}

TEST(EventFile, replaces_what_an_interrupted_run_left) {
  const TempFolder folder;
  folder.write("results.csv", "mine");
  folder.write("events.out.tfevents.1600000000.host.42.0", "another program's");
  EventFile before(folder.path(), {}, kStarted);
  for (const EpochResult& epoch : numbered_epochs(3)) before.append(epoch);
  write_file(folder / ("." + before.path().filename().string() + ".tmp"), "half");

  const EventFile after(folder.path(), numbered_epochs(2), kStarted + 60);
  EXPECT_THAT(steps(after.path()), ElementsAre(1, 2));
  EXPECT_THAT(folder.files(), ElementsAre("events.out.tfevents.1600000000.host.42.0",
                                          after.path().filename().string(), "results.csv"));
}

TEST(EventFile, replaces_a_file_of_the_same_second) {
  const TempFolder folder;
  { EventFile(folder.path(), numbered_epochs(3), kStarted); }
  const EventFile after(folder.path(), numbered_epochs(1), kStarted);
  EXPECT_THAT(steps(after.path()), ElementsAre(1));
  EXPECT_THAT(folder.files(), SizeIs(1));
}

TEST(EventFile, names_the_folder_it_cannot_write) {
  const TempFolder folder;
  const fs::path missing = folder.path() / "gone";
  EXPECT_THAT(error_text(ErrorKind::failure, [&] { return EventFile(missing, {}, kStarted); }),
              AllOf(StartsWith(missing.string()), HasSubstr("No such file or directory")));
}

TEST(EventFile, says_when_its_file_has_vanished) {
  const TempFolder folder;
  EventFile file(folder.path(), {}, kStarted);
  fs::remove(file.path());
  EXPECT_THAT(error_text(ErrorKind::failure,
                         [&] {
                           file.append(epoch_number(1));
                           return 0;
                         }),
              file.path().string() + ": cannot append: No such file or directory");
  EXPECT_THAT(folder.files(), SizeIs(0));
}

/// Files of this process cannot grow beyond so many bytes until the end of the scope.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uintmax_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(EventFile, leaves_no_half_record_where_space_ends) {
  const TempFolder folder;
  EventFile file(folder.path(), numbered_epochs(2), kStarted);
  const auto append = [&] {
    file.append(epoch_number(3));
    return 0;
  };
  {
    const FileSizeLimit limit(fs::file_size(file.path()) + 50);
    EXPECT_THAT(error_text(ErrorKind::failure, append),
                file.path().string() + ": cannot append: File too large");
  }
  EXPECT_THAT(steps(file.path()), ElementsAre(1, 2));
  append();  // space is there again
  EXPECT_THAT(steps(file.path()), ElementsAre(1, 2, 3));
  EXPECT_EQ(scalars(records(file.path()).at(4)).time, kStarted + 10);
}

TEST(EventFile, says_when_the_disk_is_full) {
  const TempFolder folder;
  EventFile file(folder.path(), {}, kStarted);
  fs::remove(file.path());
  fs::create_symlink("/dev/full", file.path());
  EXPECT_THAT(error_text(ErrorKind::failure,
                         [&] {
                           file.append(epoch_number(1));
                           return 0;
                         }),
              file.path().string() + ": cannot append: No space left on device");
}

TEST(EventFile, reads_back_in_tensorboard) {
  const TempFolder folder;
  const fs::path run = folder.path() / "run";
  make_folder(run);
  EventFile before(run, numbered_epochs(2), kStarted);
  before.append(epoch_number(3));
  const std::string first_file = read_file(before.path());
  EventFile after(run, numbered_epochs(3), kStarted + 60);
  after.append(epoch_number(4));
  // A TensorBoard that was running has read the replaced file already, and must not show its epochs twice.
  write_file(before.path(), first_file);

  const auto read = read_with_python("read_events.py", std::span(&run, 1));
  if (!read) GTEST_SKIP() << "needs Python with the package tensorboard (FER_PYTHON names an interpreter)";
  std::map<std::string, nlohmann::json> expected;
  for (const EpochResult& epoch : numbered_epochs(4)) {
    const double time = static_cast<double>(kStarted) + 60 + 10 * (epoch.epoch - 3);
    const auto add = [&](const char* tag, double value) {
      expected[tag].push_back({epoch.epoch, static_cast<float>(value), time});
    };
    add("loss/train", epoch.train_loss);
    add("loss/val", epoch.val_loss);
    add("accuracy/train", epoch.train_accuracy);
    add("accuracy/val", epoch.val_accuracy);
    add("macro_f1/val", epoch.val_macro_f1);
    add("lr", epoch.lr);
    add("images_per_second", epoch.images_per_second);
  }
  EXPECT_EQ(*read, nlohmann::json(expected));
}

}  // namespace
}  // namespace fer
