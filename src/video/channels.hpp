#pragma once

#include "ffmpeg.hpp"

// FFmpeg 5.1 replaced how channels are described: the few things we ask of them, for both ways.
namespace fer {

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 24, 100)

template <class T>  // AVCodecParameters, AVCodecContext, AVFrame
int channels_of(const T& sound) {
  return sound.ch_layout.nb_channels;
}

/// The usual arrangement of so many channels.
template <class T>
void set_channels(T& sound, int channels) {
  av_channel_layout_uninit(&sound.ch_layout);
  av_channel_layout_default(&sound.ch_layout, channels);
}

/// A frame whose arrangement is not stated gets the usual one.
inline void state_channels(AVFrame& frame) {
  if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) set_channels(frame, frame.ch_layout.nb_channels);
}

#else

template <class T>
int channels_of(const T& sound) {
  return sound.channels;
}

template <class T>
void set_channels(T& sound, int channels) {
  sound.channels = channels;
  sound.channel_layout = static_cast<std::uint64_t>(av_get_default_channel_layout(channels));
}

inline void state_channels(AVFrame& frame) {
  if (frame.channel_layout == 0) set_channels(frame, frame.channels);
}

#endif

}  // namespace fer
