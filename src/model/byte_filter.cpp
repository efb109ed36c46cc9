#include "byte_kernels.hpp"

#if defined(__x86_64__)

#include <algorithm>
#include <limits>
#include <tuple>
#include <type_traits>

// GCC 12 warns of what its own immintrin.h leaves undefined on purpose.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,fma"))), \
                             apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512vnni,fma")
#endif
#include "byte_endings.hpp"

namespace fer {
namespace {

constexpr int kKernel = 3;
constexpr int kVectors = kFilterChannels / kGroup;
constexpr int kRowWeights = 2 * 4 * kFilterChannels;  // of both positions

/// Of four neighbouring columns of a row: the first, and which lie within the map.
struct Columns {
  const Byte* first = nullptr;
  __mmask64 inside[4] = {};
};

/// A whole block of channels in a vector.
struct WholeBlock {
  using P = Widest;
  using Vector = __m512i;

  [[gnu::always_inline]] static Vector all(int byte) { return _mm512_set1_epi8(static_cast<char>(byte)); }
  [[gnu::always_inline]] static Vector load(const void* from) { return _mm512_loadu_si512(from); }
  [[gnu::always_inline]] static Vector load(Vector other, __mmask64 mask, const Byte* from) {
    return _mm512_mask_loadu_epi8(other, mask, from);
  }
  [[gnu::always_inline]] static Vector low_bytes(Vector a, Vector b) { return _mm512_unpacklo_epi8(a, b); }
  [[gnu::always_inline]] static Vector high_bytes(Vector a, Vector b) { return _mm512_unpackhi_epi8(a, b); }
  [[gnu::always_inline]] static Vector low_pairs(Vector a, Vector b) { return _mm512_unpacklo_epi16(a, b); }
  [[gnu::always_inline]] static Vector high_pairs(Vector a, Vector b) { return _mm512_unpackhi_epi16(a, b); }
  [[gnu::always_inline]] static Vector dot(Vector sums, Vector a, Vector b) {
    return _mm512_dpbusd_epi32(sums, a, b);
  }
  [[gnu::always_inline]] static Floats<P> floats(Vector x) {
    return reinterpret_cast<Floats<P>>(_mm512_cvtepi32_ps(x));
  }
  [[gnu::always_inline]] static Vector words(Floats<P> x) {
    return _mm512_cvtps_epi32(reinterpret_cast<__m512>(x));
  }
  [[gnu::always_inline]] static Vector pack(const Vector (&x)[kVectors]) {
    return _mm512_packus_epi16(_mm512_packs_epi32(x[0], x[1]), _mm512_packs_epi32(x[2], x[3]));
  }
  [[gnu::always_inline]] static void store(Byte* to, Vector x) { _mm512_storeu_si512(to, x); }
};

/// The first half of a block.
struct HalfBlock {
  using P = Wide;
  using Vector = __m256i;

  [[gnu::always_inline]] static Vector all(int byte) { return _mm256_set1_epi8(static_cast<char>(byte)); }
  [[gnu::always_inline]] static Vector load(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
  }
  [[gnu::always_inline]] static Vector load(Vector other, __mmask64 mask, const Byte* from) {
    return _mm256_mask_loadu_epi8(other, static_cast<__mmask32>(mask), from);
  }
  [[gnu::always_inline]] static Vector low_bytes(Vector a, Vector b) { return _mm256_unpacklo_epi8(a, b); }
  [[gnu::always_inline]] static Vector high_bytes(Vector a, Vector b) { return _mm256_unpackhi_epi8(a, b); }
  [[gnu::always_inline]] static Vector low_pairs(Vector a, Vector b) { return _mm256_unpacklo_epi16(a, b); }
  [[gnu::always_inline]] static Vector high_pairs(Vector a, Vector b) { return _mm256_unpackhi_epi16(a, b); }
  [[gnu::always_inline]] static Vector dot(Vector sums, Vector a, Vector b) {
    return _mm256_dpbusd_epi32(sums, a, b);
  }
  [[gnu::always_inline]] static Floats<P> floats(Vector x) {
    return reinterpret_cast<Floats<P>>(_mm256_cvtepi32_ps(x));
  }
  [[gnu::always_inline]] static Vector words(Floats<P> x) {
    return _mm256_cvtps_epi32(reinterpret_cast<__m256>(x));
  }
  [[gnu::always_inline]] static Vector pack(const Vector (&x)[kVectors]) {
    return _mm256_packus_epi16(_mm256_packs_epi32(x[0], x[1]), _mm256_packs_epi32(x[2], x[3]));
  }
  [[gnu::always_inline]] static void store(Byte* to, Vector x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), x);
  }
};

/// Of a block of channels, the values of four columns side by side: vector v holds channels 4v..4v+3 of each
/// sixteen, as weights, factors and biases are packed, too.
template <class B>
struct Quads {
  typename B::Vector vectors[kVectors];
};

using Endings = std::tuple<Ending<Widest, Byte>, Ending<Wide, Byte>>;

/// Some neighbouring pixels of `kRows` rows, all channels. Values are multiplied with weights four at a time.
template <int kStride, int kRows, Rest kRest>
class FilterBlock {
 public:
  static constexpr int kPixels = kStride == 1 ? 2 : 1;  // that four columns are enough for
  static constexpr int kBelow = kKernel + (kRows - 1) * kStride;

  [[gnu::always_inline]] FilterBlock(const FilterRows<Byte>& rows, const Endings& endings, int x, int y)
      : rows_(rows),
        endings_(endings),
        pixels_(std::min(kPixels, rows.out_width - x)),
        out_(rows.out + (std::ptrdiff_t{y - rows.first} * rows.out_width + x) * rows.channels) {
    const int column = x * kStride - rows.padding;
    const int top = y * kStride - rows.padding;
    for (int r = 0; r < kBelow; ++r) {
      const int row = top + r;
      below_[r].first = rows.in + (std::ptrdiff_t{row - rows.top} * rows.width + column) * rows.channels;
      for (int i = 0; i < 4; ++i) {
        const bool inside = row >= 0 && row < rows.height && column + i >= 0 && column + i < rows.width;
        below_[r].inside[i] = inside ? ~__mmask64{0} : 0;
      }
    }
  }

  [[gnu::always_inline]] void run() const {
    int c = 0;
    for (; c + kFilterChannels <= rows_.channels; c += kFilterChannels) run_channels<WholeBlock>(c);
    if (c < rows_.channels) run_channels<HalfBlock>(c);
  }

 private:
  template <class B>
  [[gnu::always_inline]] Quads<B> load_quads(const Columns& columns, int c) const {
    const auto beyond = B::all(rows_.zero);
    typename B::Vector x[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
      x[i] = B::load(beyond, columns.inside[i], columns.first + std::ptrdiff_t{i} * rows_.channels + c);
    const auto low01 = B::low_bytes(x[0], x[1]), high01 = B::high_bytes(x[0], x[1]);
    const auto low23 = B::low_bytes(x[2], x[3]), high23 = B::high_bytes(x[2], x[3]);
    return {{B::low_pairs(low01, low23), B::high_pairs(low01, low23), B::low_pairs(high01, high23),
             B::high_pairs(high01, high23)}};
  }

  template <class B>
  [[gnu::always_inline]] void run_channels(int c) const {
    const Byte* const weight = rows_.packed + std::ptrdiff_t{c / kFilterChannels} * kKernel * kRowWeights;
    typename B::Vector dots[kRows][kPixels][kVectors] = {};
#pragma GCC unroll 5
    for (int r = 0; r < kBelow; ++r) {
      const auto quads = load_quads<B>(below_[r], c);
#pragma GCC unroll 2
      for (int q = 0; q < kRows; ++q) {
        const int own = r - q * kStride;
        if (own < 0 || own >= kKernel) continue;
#pragma GCC unroll 2
        for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
          for (int v = 0; v < kVectors; ++v) {
            const Byte* const four = weight + own * kRowWeights + (p * kVectors + v) * kFilterChannels;
            dots[q][p][v] = B::dot(dots[q][p][v], quads.vectors[v], B::load(four));
          }
        }
      }
    }
#pragma GCC unroll 2
    for (int q = 0; q < kRows; ++q) {
#pragma GCC unroll 2
      for (int p = 0; p < kPixels; ++p) {
        if (p >= pixels_) continue;
        B::store(out_ + (std::ptrdiff_t{q} * rows_.out_width + p) * rows_.channels + c,
                 finished<B>(dots[q][p], c));
      }
    }
  }

  template <class B>
  [[gnu::always_inline]] typename B::Vector finished(const typename B::Vector (&dots)[kVectors],
                                                     int c) const {
    using Scale = Scaling<kRest, typename B::P>;
    const auto& ending = std::get<Ending<typename B::P, Byte>>(endings_);
    typename B::Vector words[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const Scale scale(ending, rows_.factors + c + v * kGroup, rows_.bias + c + v * kGroup);
      words[v] = B::words(Scale::end(ending, scale.scaled(B::floats(dots[v]))));
    }
    return B::pack(words);
  }

  const FilterRows<Byte>& rows_;
  const Endings& endings_;
  int pixels_;
  Byte* out_;
  Columns below_[kBelow];
};

template <int kStride, Rest kRest>
void filter_dots(const FilterRows<Byte>& rows, const Endings& endings) {
  int y = rows.first;
  const auto lines = [&]<int kRows>(std::integral_constant<int, kRows>) {
    using Block = FilterBlock<kStride, kRows, kRest>;
    for (int x = 0; x < rows.out_width; x += Block::kPixels) Block(rows, endings, x, y).run();
    y += kRows;
  };
  while (y + 2 <= rows.last) lines(std::integral_constant<int, 2>());
  if (y < rows.last) lines(std::integral_constant<int, 1>());
}

}  // namespace

void filter_by_dots(const FilterRows<Byte>& rows) {
  const Endings endings(Ending<Widest, Byte>(rows.activation, rows.out_scale),
                        Ending<Wide, Byte>(rows.activation, rows.out_scale));
  with_rest(std::get<0>(endings), [&]<Rest kRest>(std::integral_constant<Rest, kRest>) {
    rows.stride == 1 ? filter_dots<1, kRest>(rows, endings) : filter_dots<2, kRest>(rows, endings);
  });
}

}  // namespace fer

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif
