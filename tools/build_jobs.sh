#!/usr/bin/env bash
# How many compilers this machine can run at once: a dozen sources that include LibTorch, compiled as one, take up to
# 2 GB.
by_memory=$(awk '/^MemAvailable/ { print int($2 / 2097152) }' /proc/meminfo)
cores=$(nproc)
echo $((by_memory < 1 ? 1 : by_memory < cores ? by_memory : cores))
