#include "fer/data/crop_cache.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashDigits = 64;
constexpr std::string_view kEnding = ".crops";

fs::path folder_of(const CropCacheOptions& options) {
  if (!options.folder.empty()) return options.folder;
  std::error_code error;
  fs::path folder = fs::temp_directory_path(error);
  if (error) throw failure("the system's temporary folder ($TMPDIR) is none: {}", error.message());
  return folder;
}

fs::path path_of(const CropCacheOptions& options, const CropFileFacts& facts) {
  return folder_of(options) / (facts.key + std::string(kEnding));
}

bool is_hash(std::string_view text) {
  return text.size() == kHashDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string table_text(std::span<const CropRow> rows) {
  std::string text;
  for (const CropRow& row : rows)
    text += csv_line(std::array<std::string, 4>{row.sha256, row.face ? csv_number(row.face->size) : "",
                                                row.face ? csv_number(row.face->score) : "", row.reason});
  return text;
}

std::string checksum(const CropFileFacts& facts, std::string_view table) {
  return sha256(fmt::format("{}\n{}", facts.key, table));
}

std::optional<FoundFace> parse_face(const std::string& size, const std::string& score) {
  const auto pixels = parse_number(size);
  const auto sureness = parse_number(score);
  if (!pixels || !sureness) return std::nullopt;
  return FoundFace{.size = static_cast<float>(*pixels), .score = static_cast<float>(*sureness)};
}

/// Nothing if the table is not one of that many samples.
std::optional<std::vector<CropRow>> parse_table(std::string_view table, std::size_t samples) {
  std::vector<CropRow> rows;
  for (CsvRow& line : parse_csv(table, "crops")) {
    if (line.fields.size() != 4) return std::nullopt;
    rows.push_back({.sha256 = std::move(line.fields[0]),
                    .face = parse_face(line.fields[1], line.fields[2]),
                    .reason = std::move(line.fields[3])});
  }
  if (rows.size() != samples) return std::nullopt;
  return rows;
}

enum class Found { kept, scratch };

/// The files of crops in a folder that may hold others too: those kept, or those being written and left
/// behind.
std::vector<fs::path> crop_files(const fs::path& folder, Found wanted) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::end(entry);
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    const std::string key = name.substr(0, kHashDigits);
    if (!is_hash(key)) continue;
    const std::string kept = key + std::string(kEnding);
    if (wanted == Found::kept ? name == kept : is_scratch_name(name, kept)) files.push_back(entry->path());
  }
  return files;
}

void remove_least_used(const fs::path& folder, std::uint64_t max_bytes) {
  struct KeptFile {
    fs::file_time_type used;
    std::uint64_t bytes;
    fs::path path;
  };
  std::vector<KeptFile> files;
  std::uint64_t total = 0;
  for (const fs::path& path : crop_files(folder, Found::kept)) {
    std::error_code gone;
    const KeptFile file{fs::last_write_time(path, gone), fs::file_size(path, gone), path};
    if (gone) continue;
    files.push_back(file);
    total += file.bytes;
  }
  std::ranges::sort(files, {}, &KeptFile::used);
  for (const KeptFile& file : files) {
    if (total <= max_bytes) return;
    std::error_code ignored;
    if (fs::remove(file.path, ignored)) total -= file.bytes;
  }
}

/// Runs `call` and adds to its failure what the user can do.
template <class Call>
void with_advice(const CropFileFacts& facts, Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    throw failure("{} (data.cache.folder names the place, where {:.3f} GB are needed for the crops)",
                  error.what(), static_cast<double>(facts.samples * facts.crop_bytes) / 1e9);
  }
}

}  // namespace

std::optional<StoredCrops> load_crops(const CropCacheOptions& options, const CropFileFacts& facts) {
  if (!options.keep) return std::nullopt;
  const fs::path path = path_of(options, facts);
  auto file = MappedFile::open(path);
  const std::size_t crops = facts.samples * facts.crop_bytes;
  if (!file || file->bytes().size() < crops + kHashDigits) return std::nullopt;
  std::string_view table = text_of(file->bytes().subspan(crops));
  const std::string_view sum = table.substr(table.size() - kHashDigits);
  table.remove_suffix(kHashDigits);
  if (checksum(facts, table) != sum) return std::nullopt;
  auto rows = parse_table(table, facts.samples);
  if (!rows) return std::nullopt;
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return StoredCrops{.file = std::move(*file), .rows = std::move(*rows)};
}

CropWriter::CropWriter(const CropCacheOptions& options, CropFileFacts facts)
    : options_(options), facts_(std::move(facts)) {
  const std::uint64_t size = facts_.samples * facts_.crop_bytes;
  options_.keep = options_.keep && size <= options_.max_bytes;
  with_advice(facts_, [&] {
    make_folder(folder_of(options_));
    for (const fs::path& scratch : crop_files(folder_of(options_), Found::scratch)) remove_abandoned(scratch);
    file_.emplace(path_of(options_, facts_));
    if (!options_.keep) file_->unlink();
    file_->reserve(size);
  });
}

void CropWriter::write(std::size_t sample, std::span<const std::uint8_t> crop) {
  with_advice(facts_, [&] { file_->write(sample * facts_.crop_bytes, crop); });
}

StoredCrops CropWriter::finish(std::vector<CropRow> rows, bool lasting) {
  const std::string table = table_text(rows);
  std::optional<MappedFile> mapped;
  with_advice(facts_, [&] {
    file_->write(facts_.samples * facts_.crop_bytes, bytes_of(table + checksum(facts_, table)));
    mapped = file_->map();
    if (options_.keep && lasting) file_->commit();
  });
  if (options_.keep) remove_least_used(folder_of(options_), options_.max_bytes);
  file_.reset();
  return {.file = std::move(*mapped), .rows = std::move(rows)};
}

}  // namespace fer
