#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "byte_reader.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/model/tensor_file.hpp"
#include "weight_bytes.hpp"

namespace fer {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMetadata = "__metadata__";
constexpr std::uint64_t kLongestHeader = 100'000'000;  // as the reference implementation

constexpr std::array<std::pair<std::string_view, at::ScalarType>, 10> kDtypes = {{
    {"F64", at::kDouble},
    {"F32", at::kFloat},
    {"F16", at::kHalf},
    {"BF16", at::kBFloat16},
    {"I64", at::kLong},
    {"I32", at::kInt},
    {"I16", at::kShort},
    {"I8", at::kChar},
    {"U8", at::kByte},
    {"BOOL", at::kBool},
}};

struct Entry {
  std::string name;
  TensorView view;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// The header's JSON. Two equal keys and anything nested deeper than a header needs are refused on the way.
Json parse_header(std::string_view text) {
  std::array<std::set<std::string>, 4> keys;
  const auto check = [&](int depth, Json::parse_event_t event, const Json& value) {
    const auto level = static_cast<std::size_t>(depth);
    if (event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start) {
      if (level >= 3) throw data_error("the safetensors header is nested too deeply");
      keys[level + 1].clear();
    }
    if (event == Json::parse_event_t::key && !keys.at(level).insert(value.get<std::string>()).second) {
      throw data_error("the safetensors header names {} twice", in_quotes(value.get<std::string>()));
    }
    return true;
  };
  try {
    Json header = Json::parse(text, check);
    if (header.is_object()) return header;
  } catch (const Json::parse_error& error) {
    throw data_error("the safetensors header is no valid JSON at its byte {}", error.byte);
  } catch (const Json::exception&) {  // a number beyond every type
  }
  throw data_error("the safetensors header is no JSON object");
}

std::vector<std::uint64_t> numbers(const Json& list, std::string_view what, const std::string& name) {
  const auto number = [](const Json& item) { return item.is_number_unsigned(); };
  if (!list.is_array() || !std::ranges::all_of(list, number)) {
    throw data_error("tensor {}: '{}' is no list of whole numbers", in_quotes(name), what);
  }
  return list.get<std::vector<std::uint64_t>>();
}

at::ScalarType dtype_of(const Json& dtype, const std::string& name) {
  const auto* const found =
      std::ranges::find_if(kDtypes, [&](const auto& row) { return dtype.is_string() && dtype == row.first; });
  if (found != kDtypes.end()) return found->second;
  std::vector<std::string_view> known;
  for (const auto& row : kDtypes) known.push_back(row.first);
  throw data_error("tensor {}: dtype {} is none of {}", in_quotes(name),
                   in_quotes(dtype.is_string() ? dtype.get<std::string>() : dtype.type_name()),
                   fmt::join(known, ", "));
}

Entry parse_entry(const std::string& name, const Json& json) {
  for (const char* key : {"dtype", "shape", "data_offsets"}) {
    if (!json.is_object() || !json.contains(key)) {
      throw data_error("tensor {}: '{}' is missing from the safetensors header", in_quotes(name), key);
    }
  }
  Entry entry{.name = name, .view = {.dtype = dtype_of(json["dtype"], name)}};
  for (const std::uint64_t size : numbers(json["shape"], "shape", name)) {
    entry.view.sizes.push_back(
        static_cast<std::int64_t>(size));  // beyond 63 bits: negative, which is refused
  }
  const auto offsets = numbers(json["data_offsets"], "data_offsets", name);
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    throw data_error("tensor {}: 'data_offsets' is no pair of begin and end", in_quotes(name));
  }
  entry.begin = offsets[0];
  entry.end = offsets[1];
  return entry;
}

/// The tensors lie one after the other and fill the data: no gap, no overlap, nothing beyond the end.
void check_offsets(std::vector<Entry>& entries, std::uint64_t data_size) {
  std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.begin, entry.end); });
  std::uint64_t expected = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != expected) {
      throw data_error("tensor {} begins at byte {} of the data, {} was expected", in_quotes(entry.name),
                       entry.begin, expected);
    }
    if (entry.end > data_size) {
      throw data_error("truncated: tensor {} ends at byte {} of the data, which has {}",
                       in_quotes(entry.name), entry.end, data_size);
    }
    expected = entry.end;
  }
  if (expected != data_size) {
    throw data_error("{} bytes of data are not described by the header", data_size - expected);
  }
}

at::Tensor make_tensor(Entry& entry, std::string_view data) {
  try {
    const std::int64_t bytes = byte_count(element_count(entry.view.sizes), entry.view.dtype);
    if (static_cast<std::uint64_t>(bytes) != entry.end - entry.begin) {
      throw data_error("shape [{}] needs {} bytes, its offsets hold {}", fmt::join(entry.view.sizes, ", "),
                       bytes, entry.end - entry.begin);
    }
    entry.view.strides = contiguous_strides(entry.view.sizes);
    return copy_tensor(data.substr(entry.begin, entry.end - entry.begin), entry.view);
  } catch (const Error& error) {
    throw data_error("tensor {}: {}", in_quotes(entry.name), error.what());
  }
}

std::map<std::string, std::string> parse_metadata(const Json& json) {
  const auto text = [](const Json& value) { return value.is_string(); };
  if (!json.is_object() || !std::ranges::all_of(json, text)) {
    throw data_error("the safetensors header's {} is no list of names and texts", kMetadata);
  }
  return json.get<std::map<std::string, std::string>>();
}

std::string_view dtype_name(const std::string& name, const at::Tensor& tensor) {
  if (name == kMetadata) throw failure("no tensor of a safetensors file can be called {}", kMetadata);
  if (!tensor.defined() || tensor.layout() != at::kStrided) {
    throw failure("tensor {} is undefined or sparse: safetensors holds dense tensors", in_quotes(name));
  }
  for (const auto& [text, dtype] : kDtypes) {
    if (dtype == tensor.scalar_type()) return text;
  }
  throw failure("tensor {} is of type {}, which is not written to safetensors", in_quotes(name),
                c10::toString(tensor.scalar_type()));
}

/// Names in the order of their data: larger elements first, so that each tensor lies aligned, as readers that
/// map the file need it.
std::vector<std::string> data_order(const TensorMap& tensors) {
  std::vector<std::string> names;
  for (const auto& row : tensors) names.push_back(row.first);
  std::ranges::stable_sort(names, std::greater{},
                           [&](const std::string& name) { return tensors.at(name).element_size(); });
  return names;
}

std::string make_header(const TensorFile& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header[std::string(kMetadata)] = file.metadata;
  for (const auto& [name, tensor] : file.tensors) {
    header[name] = {{"dtype", dtype_name(name, tensor)}, {"shape", tensor.sizes().vec()}};
  }
  std::size_t offset = 0;
  for (const std::string& name : data_order(file.tensors)) {
    const std::size_t end = offset + file.tensors.at(name).nbytes();
    header[name]["data_offsets"] = {offset, end};
    offset = end;
  }
  try {
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
  } catch (const Json::exception&) {
    throw failure("a tensor's name or the metadata is not UTF-8");
  }
}

}  // namespace

TensorFile parse_safetensors(std::string_view file) {
  ByteReader reader(file);
  const auto length = reader.number<std::uint64_t>();
  if (length > kLongestHeader || (!reader.rest().empty() && reader.rest().front() != '{')) {
    throw data_error("is no safetensors file: it does not begin with a header's length and '{{'");
  }
  const Json header = parse_header(reader.take(length));
  const std::string_view data = reader.rest();

  TensorFile result;
  std::vector<Entry> entries;
  for (const auto& [name, json] : header.items()) {
    if (name == kMetadata) {
      result.metadata = parse_metadata(json);
    } else {
      entries.push_back(parse_entry(name, json));
    }
  }
  check_offsets(entries, data.size());
  for (Entry& entry : entries) result.tensors.emplace(entry.name, make_tensor(entry, data));
  return result;
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path);
}

TensorFile parse_safetensors(std::string_view content, const std::filesystem::path& path) {
  return naming_path(path, [&] { return parse_safetensors(content); });
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  const std::string header = naming_path(path, [&] { return make_header(file); });
  const std::uint64_t length = header.size();
  AtomicFile out(path);
  out.write({reinterpret_cast<const char*>(&length), sizeof length});
  out.write(header);
  for (const std::string& name : data_order(file.tensors)) {
    const at::Tensor tensor =
        naming_path(path, [&] { return file.tensors.at(name).detach().cpu().contiguous(); });
    out.write({static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()});
  }
  out.commit();
}

}  // namespace fer
