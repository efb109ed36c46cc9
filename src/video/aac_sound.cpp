#include "aac_sound.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "channels.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr AVSampleFormat kSamples = AV_SAMPLE_FMT_FLTP;
constexpr int kBitsPerChannel = 80'000;  // a second

/// AAC knows these alone.
int nearest_rate(int rate) {
  constexpr std::array kRates = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                 22050, 16000, 12000, 11025, 8000,  7350};
  return std::ranges::find(kRates, rate) != kRates.end() ? rate : 48000;
}

void check_sound(int result, std::string_view what) {
  if (result < 0) throw failure("its sound cannot be {}: {}", what, ffmpeg_reason(result));
}

/// Without samples, in the encoder's format.
FfmpegPtr<AVFrame> empty_frame(const AVCodecContext& encoder) {
  auto frame = owned(av_frame_alloc());
  frame->format = encoder.sample_fmt;
  frame->sample_rate = encoder.sample_rate;
  set_channels(*frame, channels_of(encoder));
  return frame;
}

FfmpegPtr<AVFrame> new_frame(const AVCodecContext& encoder, int samples) {
  auto frame = empty_frame(encoder);
  frame->nb_samples = samples;
  check_sound(av_frame_get_buffer(frame.get(), 0), "allocated");
  return frame;
}

/// Appends the samples of the frame from `first` on.
void append(AVAudioFifo& samples, const AVFrame& frame, int first) {
  std::array<void*, AV_NUM_DATA_POINTERS> planes = {};
  for (int k = 0; k < channels_of(frame); ++k)
    planes.at(k) = reinterpret_cast<float*>(frame.extended_data[k]) + first;
  check_sound(av_audio_fifo_write(&samples, planes.data(), frame.nb_samples - first), "buffered");
}

}  // namespace

AacSound::AacSound(SoundReader reader)
    : reader_(std::move(reader)),
      packet_(owned(av_packet_alloc())),
      decoder_(open_decoder(reader_.path(), *reader_.stream(), 1)),
      decoded_(owned(av_frame_alloc())),
      resampler_(owned(swr_alloc())) {
  open_encoder();
  resampled_ = empty_frame(*encoder_);
  samples_ = owned(av_audio_fifo_alloc(kSamples, channels_of(*encoder_), encoder_->frame_size));
  parameters_ = owned(avcodec_parameters_alloc());
  check_sound(avcodec_parameters_from_context(parameters_.get(), encoder_.get()), "encoded");
}

void AacSound::open_encoder() {
  const AVCodec* encoder = avcodec_find_encoder_by_name("aac");
  if (!encoder) throw failure("this FFmpeg has no encoder for AAC");
  const AVCodecParameters& source = *reader_.stream()->codecpar;
  encoder_ = owned(avcodec_alloc_context3(encoder));
  encoder_->sample_fmt = kSamples;
  encoder_->sample_rate = nearest_rate(source.sample_rate);
  set_channels(*encoder_, std::min(2, channels_of(source)));
  encoder_->bit_rate = kBitsPerChannel * channels_of(*encoder_);
  encoder_->time_base = {1, encoder_->sample_rate};
  encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  check_sound(avcodec_open2(encoder_.get(), encoder, nullptr), "encoded");
}

bool AacSound::next(AVPacket& packet) {
  for (;;) {
    const int received = avcodec_receive_packet(encoder_.get(), &packet);
    if (received == AVERROR_EOF) return false;
    if (received >= 0) return true;
    if (received != AVERROR(EAGAIN)) check_sound(received, "encoded");
    feed_encoder();
  }
}

/// Gives the encoder the next frame, or tells it that there is none.
void AacSound::feed_encoder() {
  while (!ended_ && av_audio_fifo_size(samples_.get()) < encoder_->frame_size) add_samples();
  const int count = std::min(av_audio_fifo_size(samples_.get()), encoder_->frame_size);
  if (count == 0) {
    check_sound(avcodec_send_frame(encoder_.get(), nullptr), "encoded");
    return;
  }
  const auto frame = new_frame(*encoder_, count);
  av_audio_fifo_read(samples_.get(), reinterpret_cast<void**>(frame->extended_data), count);
  frame->pts = encoded_;
  encoded_ += count;
  check_sound(avcodec_send_frame(encoder_.get(), frame.get()), "encoded");
}

/// A piece of silence, what was resampled last, or the next of that.
void AacSound::add_samples() {
  if (gap_ > 0) {
    const auto silence = new_frame(*encoder_, static_cast<int>(std::min<std::int64_t>(gap_, 1024)));
    av_samples_set_silence(silence->extended_data, 0, silence->nb_samples, channels_of(*silence), kSamples);
    append(*samples_, *silence, 0);
    gap_ -= silence->nb_samples;
  } else if (resampled_->nb_samples > overlap_) {
    append(*samples_, *resampled_, static_cast<int>(overlap_));
    resampled_->nb_samples = 0;
    overlap_ = 0;
  } else {
    decode();
  }
}

void AacSound::decode() {
  const int received = avcodec_receive_frame(decoder_.get(), decoded_.get());
  if (received >= 0) {
    state_channels(*decoded_);
    resample(decoded_.get());
    align(*decoded_);
  } else if (received == AVERROR_EOF) {
    resample(nullptr);
    overlap_ = 0;
    ended_ = resampled_->nb_samples == 0;
  } else if (received == AVERROR(EAGAIN)) {
    feed_decoder();
  } else {
    ++damages_;
  }
}

void AacSound::feed_decoder() {
  const bool more = reader_.read(*packet_);
  if (avcodec_send_packet(decoder_.get(), more ? packet_.get() : nullptr) < 0) ++damages_;
}

/// Null: what is left in the resampler.
void AacSound::resample(const AVFrame* decoded) {
  resampled_ = empty_frame(*encoder_);
  if (!decoded && !swr_is_initialized(resampler_.get())) return;
  int result = swr_convert_frame(resampler_.get(), resampled_.get(), decoded);
  if (result == AVERROR_INPUT_CHANGED) {
    swr_close(resampler_.get());
    resampled_ = empty_frame(*encoder_);
    result = swr_convert_frame(resampler_.get(), resampled_.get(), decoded);
  }
  if (result >= 0) return;
  ++damages_;
  resampled_->nb_samples = 0;
}

/// Puts what was resampled to its time. Times that are merely rounded move nothing.
void AacSound::align(const AVFrame& decoded) {
  std::int64_t drift = 0;
  if (decoded.best_effort_timestamp != AV_NOPTS_VALUE) {
    const AVRational clock = reader_.stream()->time_base;
    drift = av_rescale_q(decoded.best_effort_timestamp, clock, encoder_->time_base) - added_;
  }
  if (started_ && std::abs(drift) <= encoder_->sample_rate / 25) drift = 0;
  gap_ = std::max<std::int64_t>(0, drift);
  overlap_ = std::clamp<std::int64_t>(-drift, 0, resampled_->nb_samples);
  const std::int64_t taken = resampled_->nb_samples - overlap_;
  if (taken == 0) gap_ = 0;
  added_ += gap_ + taken;
  started_ |= taken > 0;
}

std::optional<std::string> AacSound::damage() const {
  if (reader_.break_reason()) return fmt::format("it breaks off: {}", *reader_.break_reason());
  if (damages_ > 0) return fmt::format("damaged data in {} packets", damages_);
  return std::nullopt;
}

}  // namespace fer
