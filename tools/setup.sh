#!/usr/bin/env bash
# Installs what building and testing needs on Debian 12+ or Ubuntu 22.04+: packages of the distribution, and LibTorch
# in your cache unless Torch_DIR or CMAKE_PREFIX_PATH names one. Run it as yourself (it calls sudo where it must) and as
# often as you like.
#   tools/setup.sh [--browser]      --browser: Chromium too, in which tests open the HTML reports (Debian; large)
set -euo pipefail

torch_version=2.13.0
torch_index=https://download.pytorch.org/whl/cpu
torch_home=${XDG_CACHE_HOME:-$HOME/.cache}/fer/libtorch-$torch_version
cmake_minimum=3.25

packages=(
  g++ cmake ninja-build ccache pkg-config git ca-certificates python3 python3-pip clang-format clang-tidy doxygen
  libopencv-dev opencv-data libyaml-cpp-dev libspdlog-dev libfmt-dev libcli11-dev nlohmann-json3-dev
  libgtest-dev libgmock-dev libtbb-dev libpugixml-dev libpcre2-dev zlib1g-dev libssl-dev libcurl4-openssl-dev
  libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libswresample-dev ffmpeg
  libgloo-dev libonnx-dev libprotobuf-dev libpango1.0-dev fonts-dejavu-core libjs-chart.js
  dpkg-dev file zsh fish
)

# libFuzzer and the sanitizers' libraries; Ubuntu 22.04 has them in libclang-common-14-dev, which comes with clang-14.
packages+=(clang-14)
grep -qs '=jammy$' /etc/os-release || packages+=(libclang-rt-14-dev)

say() { echo "setup: $*"; }
fail() { echo "setup: error: $*" >&2; exit 1; }

as_root() {
  if [[ $(id -u) == 0 ]]; then env "$@"; else sudo env "$@"; fi
}

missing_packages() {
  comm -23 <(printf '%s\n' "${packages[@]}" | sort) \
           <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

install_packages() {
  local missing
  command -v apt-get >/dev/null || fail "for Debian and Ubuntu only; install these by other means: ${packages[*]}"
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  [[ $(id -u) == 0 ]] || command -v sudo >/dev/null ||
    fail "neither root nor sudo; ask an administrator for: apt-get install --no-install-recommends ${missing[*]}"
  say "installing with apt-get (minutes on a bare machine): ${missing[*]}"
  as_root apt-get -qq update
  as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${missing[@]}" >/dev/null
}

cmake_is_new_enough() {
  local version
  version=$(cmake --version | sed -n '1s/[^0-9]*//p')
  printf '%s\n' "$cmake_minimum" "$version" | sort -V -C
}

# Ubuntu 22.04 has CMake 3.22; its pip may write to /usr/local, which comes first in PATH.
install_cmake() {
  ! cmake_is_new_enough || return 0
  say "installing a newer CMake with pip into /usr/local: the distribution's is older than $cmake_minimum"
  as_root PIP_ROOT_USER_ACTION=ignore /usr/bin/python3 -m pip --quiet install "cmake>=$cmake_minimum"
  hash -r
  cmake_is_new_enough || fail "$(command -v cmake) is older than $cmake_minimum and comes first in PATH: upgrade or remove it"
}

# Prints where the LibTorch lies that the user's environment names, as CMake will find it.
named_torch() {
  local prefixes prefix folder
  if [[ -n ${Torch_DIR:-} ]]; then
    [[ -f $Torch_DIR/TorchConfig.cmake ]] || fail "Torch_DIR=$Torch_DIR holds no TorchConfig.cmake"
    echo "$Torch_DIR"
    return
  fi
  IFS=: read -ra prefixes <<<"${CMAKE_PREFIX_PATH:-}"
  for prefix in "${prefixes[@]}"; do
    for folder in "$prefix" "$prefix/Torch" "$prefix/share/cmake/Torch"; do
      [[ ! -f $folder/TorchConfig.cmake ]] || { echo "$folder"; return; }
    done
  done
}

torch_is_whole() {
  [[ -f $1/torch/share/cmake/Torch/TorchConfig.cmake ]] && grep -qs "$torch_version" "$1/torch/version.py"
}

# The CPU wheel of PyTorch holds the headers, libraries and CMake files; pip only fetches and unpacks it.
install_torch() {
  local named
  named=$(named_torch)
  if [[ -n $named ]]; then
    say "LibTorch: yours, $named"
    return
  fi
  torch_is_whole "$torch_home" && return
  say "fetching LibTorch $torch_version for the CPU (190 MB, 700 MB unpacked) into $torch_home"
  mkdir -p "$(dirname "$torch_home")"
  part=$(mktemp -d "$torch_home.part-XXXXXX")
  PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 /usr/bin/python3 -m pip install --no-deps --no-compile \
    --target "$part" "torch==$torch_version+cpu" --extra-index-url "$torch_index" ||
    fail "LibTorch was not installed; fetch it by other means and name it with Torch_DIR"
  torch_is_whole "$part" || fail "the wheel of torch $torch_version holds no LibTorch"
  rm -rf "$torch_home"
  chmod 755 "$part"
  mv -T "$part" "$torch_home"
}

case ${1:-} in
  '') ;;
  --browser) command -v chromium >/dev/null || packages+=(chromium) ;;
  *) fail "unknown option $1 (there is --browser)" ;;
esac
part=
trap 'rm -rf "$part"' EXIT
install_packages
install_cmake
install_torch
say "everything is there"
