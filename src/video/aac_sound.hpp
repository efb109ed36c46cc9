#pragma once

#include "sound_reader.hpp"
#include "sound_track.hpp"

namespace fer {

/// Decodes a sound and encodes it as AAC without gaps: silence fills them, the one before a late start too,
/// and what overlaps or lies before time 0 is left out. So each sample keeps its time.
class AacSound : public SoundTrack {
 public:
  /// Throws an error that gives the reason if the sound cannot be decoded or encoded.
  explicit AacSound(SoundReader reader);

  const AVCodecParameters& parameters() const override { return *parameters_; }
  AVRational time_base() const override { return encoder_->time_base; }
  bool next(AVPacket& packet) override;
  std::optional<std::string> damage() const override;

 private:
  void open_encoder();
  void feed_encoder();
  void add_samples();
  void decode();
  void feed_decoder();
  void resample(const AVFrame* decoded);
  void align(const AVFrame& decoded);

  SoundReader reader_;
  FfmpegPtr<AVPacket> packet_;
  FfmpegPtr<AVCodecContext> decoder_;
  FfmpegPtr<AVFrame> decoded_;
  FfmpegPtr<SwrContext> resampler_;
  FfmpegPtr<AVFrame> resampled_;    ///< waits to be added, after `gap_` and without its first `overlap_`
  FfmpegPtr<AVAudioFifo> samples_;  ///< wait to be encoded
  FfmpegPtr<AVCodecContext> encoder_;
  FfmpegPtr<AVCodecParameters> parameters_;
  std::int64_t gap_ = 0;      ///< samples of silence
  std::int64_t overlap_ = 0;  ///< samples
  std::int64_t added_ = 0;    ///< samples since time 0, with what waits in `gap_` and `resampled_`
  std::int64_t encoded_ = 0;  ///< samples
  bool started_ = false;
  bool ended_ = false;
  std::int64_t damages_ = 0;
};

}  // namespace fer
