#include "fetch.hpp"

#include <curl/curl.h>

#include <exception>
#include <memory>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"

namespace fer {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 30;

struct Download {
  std::string bytes;
  const ProgressFn& progress;
  std::exception_ptr ended;  // what `progress` threw
};

std::size_t receive(const char* data, std::size_t size, std::size_t count, void* context) {
  auto& download = *static_cast<Download*>(context);
  if (download.bytes.size() + size * count > kLargestFile) return 0;
  download.bytes.append(data, size * count);
  return size * count;
}

int report(void* context, curl_off_t total, curl_off_t done, curl_off_t, curl_off_t) {
  auto& download = *static_cast<Download*>(context);
  try {
    if (download.progress) download.progress(static_cast<std::size_t>(done), static_cast<std::size_t>(total));
    return 0;
  } catch (...) {  // not through C
    download.ended = std::current_exception();
    return 1;
  }
}

std::string download(const std::string& url, const ProgressFn& progress) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  Download state{.bytes = {}, .progress = progress, .ended = {}};
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "https,file");
  curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 30L);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &state);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, report);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &state);
  const CURLcode code = curl_easy_perform(curl.get());
  if (state.ended) std::rethrow_exception(state.ended);
  if (code != CURLE_OK) throw failure("{}: cannot be fetched: {}", url, curl_easy_strerror(code));
  return std::move(state.bytes);
}

}  // namespace

std::filesystem::path fetch_model_file(const ModelFile& file, const std::filesystem::path& folder,
                                       const std::string& mirror, const ProgressFn& progress) {
  const std::filesystem::path path = folder / file.file_names.back();
  if (std::filesystem::exists(path)) return path;
  const std::string url = mirror.empty() ? file.url : mirror;
  const std::string bytes = download(url, progress);
  const std::string digest = sha256(bytes);
  if (!digest.starts_with(file.sha256)) {
    throw data_error("{}: its SHA-256 is {}, expected {}{}; nothing was kept", url, digest, file.sha256,
                     file.sha256.size() < digest.size() ? "…" : "");
  }
  make_folder(path.parent_path());
  write_file(path, bytes);
  return path;
}

}  // namespace fer
