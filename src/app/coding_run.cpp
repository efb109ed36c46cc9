#include "coding_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/progress.hpp"
#include "fer/core/staged_folder.hpp"
#include "fer/report/coding_sample_files.hpp"
#include "fer/report/video_results.hpp"
#include "fer/video/coding_sample.hpp"
#include "fer/vision/image.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr char kList[] = "sample.csv";
constexpr std::uint64_t kSeed = 42;

/// A face in the results, as it may be drawn.
struct Seen {
  std::int64_t frame;
  cv::Rect2f box;
};

/// All faces in all results; both lists go together.
struct Faces {
  std::vector<SampleCandidate> candidates;
  std::vector<Seen> seen;
};

Faces faces_of(std::span<const LabelledVideo> videos) {
  Faces faces;
  for (std::size_t i = 0; i < videos.size(); ++i) {
    for (const LabelledFrame& frame : videos[i].frames) {
      for (const LabelledFace& face : frame.faces) {
        faces.candidates.push_back({.video = i,
                                    .face_id = face.face_id,
                                    .timestamp = frame.timestamp,
                                    .stratum = videos[i].categories.name(face.category)});
        faces.seen.push_back({.frame = frame.frame, .box = face.box});
      }
    }
  }
  return faces;
}

std::vector<CodingSampleRow> rows_of(std::span<const DrawnCandidate> drawn, const Faces& faces,
                                     std::span<const LabelledVideo> videos) {
  std::vector<CodingSampleRow> rows;
  for (const auto& [place, weight] : drawn) {
    const SampleCandidate& candidate = faces.candidates[place];
    CodingSampleRow row;
    row.id = fmt::format("{:04}", rows.size() + 1);
    row.video = videos[candidate.video].name;
    row.frame = faces.seen[place].frame;
    row.timestamp = candidate.timestamp;
    row.face_id = candidate.face_id;
    row.stratum = candidate.stratum;
    row.weight = weight;
    rows.push_back(row);
  }
  return rows;
}

/// Which rows show faces of each frame of a video.
using RowsByFrame = std::map<std::int64_t, std::vector<std::size_t>>;

void write_pictures(FrameSource& source, const RowsByFrame& rows,
                    const std::function<void(std::size_t row, const cv::Mat& rgb)>& write) {
  std::vector<std::int64_t> frames;
  for (const auto& [frame, list] : rows) frames.push_back(frame);
  visit_frames(
      source, frames,
      [&](std::int64_t frame, const cv::Mat& rgb) {
        for (const std::size_t row : rows.at(frame)) write(row, rgb);
      },
      stop_requested);
}

void warn_of_few(std::span<const CodingSampleRow> rows, int wanted, Log& log) {
  if (static_cast<int>(rows.size()) < wanted)
    log.warning("only {} faces were seen, and all are drawn for coding; {} were asked for", rows.size(),
                wanted);
}

}  // namespace

void require_sample_can_be_drawn(const InferOptions& options) {
  if (!options.sample_for_coding) return;
  if (options.blur_faces)
    throw usage_error("--sample-for-coding shows faces to whoever codes them: leave --blur-faces out");
  if (options.shard) {
    throw usage_error(
        "--sample-for-coding draws from all recordings: when all shards are done, call fer-infer with it and "
        "--resume, without --shard");
  }
  const fs::path list = options.output / kCodingFolder / kList;
  if (fs::exists(list)) {
    throw usage_error(
        "{}: is there already and may hold a coder's work; move the folder away, or name another with "
        "-o",
        list.string());
  }
}

void write_coding_sample(std::span<const AnalysedRecording> analysed, const InferOptions& options, Log& log) {
  std::vector<LabelledVideo> videos;
  for (const AnalysedRecording& one : analysed)
    videos.push_back(read_labelled_video(one.folder, LabelColumn::smoothed));
  const Faces faces = faces_of(videos);
  if (faces.seen.empty()) {
    log.warning("no face was seen, so there is nothing to code");
    return;
  }
  const auto drawn =
      draw_coding_sample(faces.candidates, static_cast<std::size_t>(*options.sample_for_coding), kSeed);
  const std::vector<CodingSampleRow> rows = rows_of(drawn, faces, videos);

  std::vector<RowsByFrame> by_video(videos.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    by_video[faces.candidates[drawn[i].candidate].video][rows[i].frame].push_back(i);
  StagedFolder staged(options.output / kCodingFolder, kList);
  make_folder(staged / "images");
  ProgressBar bar = log.bar("pictures for coding");
  std::size_t written = 0;
  for (std::size_t v = 0; v < videos.size(); ++v) {
    if (by_video[v].empty()) continue;
    const auto source = analysed[v].recording->open(options.sequence_fps, options.workers);
    write_pictures(*source, by_video[v], [&](std::size_t row, const cv::Mat& rgb) {
      write_image(staged / rows[row].image(), coding_picture(rgb, faces.seen[drawn[row].candidate].box));
      bar.update(++written, rows.size());
    });
  }
  bar.clear();
  write_file(staged / "strata.csv", strata_csv(rows));
  write_file(staged / "README.txt", coder_instructions(videos.front().categories.classes));
  write_file(staged / kList, coding_sample_csv(rows));
  staged.commit(std::array<std::string, 2>{"strata.csv", "README.txt"});
  warn_of_few(rows, *options.sample_for_coding, log);
  log.info("{} faces to code in {}; see its README.txt", rows.size(),
           (options.output / kCodingFolder).string());
}

}  // namespace fer
