#!/usr/bin/env python3
"""Bandwidth and latency of all-reducing between processes, for bench/scaling.py's --bandwidth and --latency.

    torchrun --nproc-per-node 2 bench/all_reduce.py [--backend gloo|nccl]

By PyTorch's own c10d, as fer-train: a line per size, then what a ring of these processes has by it: latency from the
smallest sum, bandwidth from the largest.
"""

import argparse
import os
import statistics
import time

import torch
import torch.distributed as dist

SIZES = (8, 4096, 65536, 1 << 20, 4 << 20, 16 << 20)
ROUNDS = 30


def seconds_of(tensor, device):
    times = []
    for _ in range(ROUNDS):
        dist.barrier()
        start = time.perf_counter()
        dist.all_reduce(tensor)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backend", choices=("gloo", "nccl"), default="gloo")
    args = parser.parse_args()
    torch.set_num_threads(1)
    dist.init_process_group(args.backend)
    ranks = dist.get_world_size()
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if args.backend == "nccl" else torch.device("cpu")
    seconds = {size: seconds_of(torch.zeros(size // 4, device=device), device) for size in SIZES}
    if dist.get_rank() == 0:
        for size, each in seconds.items():
            print(f"{size:>10} bytes  {each * 1e6:>10.1f} us")
        latency = seconds[SIZES[0]] / (2 * (ranks - 1))
        bandwidth = 2 * (ranks - 1) / ranks * SIZES[-1] / (seconds[SIZES[-1]] - seconds[SIZES[0]])
        print(f"{ranks} processes: --bandwidth {bandwidth:.3g} --latency {latency:.3g}")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
