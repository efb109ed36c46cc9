#!/usr/bin/env bash
# Builds fer-infer without LibTorch for 64-bit ARM on a Debian 12 x86 machine and runs its tests under emulation.
# Nothing is installed: ARM's libraries are unpacked into a folder of their own (1.5 GB, once). Needs, from the distribution:
#   g++-12-aarch64-linux-gnu mmdebstrap qemu-user-static
#   tools/cross-arm64.sh [FOLDER]      FOLDER: where all of it goes, otherwise build-arm64
set -euo pipefail

source_folder=$(cd "$(dirname "$0")/.." && pwd)
folder=$(realpath -m "${1:-$source_folder/build-arm64}")
sysroot=$folder/sysroot
packages=(
  libc6-dev libstdc++-12-dev libopencv-dev opencv-data libspdlog-dev libfmt-dev libcli11-dev nlohmann-json3-dev
  libgtest-dev libgmock-dev libtbb-dev libpugixml-dev libpcre2-dev libssl-dev libpango1.0-dev fonts-dejavu-core libjs-chart.js
  libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libswresample-dev
)

for program in aarch64-linux-gnu-g++-12 mmdebstrap qemu-aarch64-static; do
  command -v "$program" >/dev/null && continue
  echo "cross-arm64: error: $program is missing; see the head of $0" >&2
  exit 1
done
mkdir -p "$folder"
if [[ ! -e $folder/sysroot.done ]]; then
  rm -rf "$sysroot"
  mmdebstrap --variant=extract --architectures=arm64 --aptopt='APT::Install-Recommends "false"' \
    --include="$(IFS=,; echo "${packages[*]}")" bookworm "$sysroot"
  touch "$folder/sysroot.done"
fi
cmake -S "$source_folder" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DFER_LIBTORCH=OFF \
  -DCMAKE_TOOLCHAIN_FILE="$source_folder/cmake/arm64-toolchain.cmake" -DFER_SYSROOT="$sysroot"
ninja -C "$folder/build"
ctest --test-dir "$folder/build" --output-on-failure
