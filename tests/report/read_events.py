"""Prints what TensorBoard reads in a folder of event files, as JSON: {tag: [[step, value, wall time], ...]}.

    python3 tests/report/read_events.py FOLDER

Needs the package tensorboard; exit code 77 where it is missing. tests/report/event_file_test.cpp runs it.
"""

import json
import sys

try:
    from tensorboard.backend.event_processing.event_accumulator import SCALARS, EventAccumulator
except ImportError:
    sys.exit(77)


def main():
    events = EventAccumulator(sys.argv[1], size_guidance={SCALARS: 0})
    events.Reload()
    tags = events.Tags()[SCALARS]
    print(json.dumps({tag: [[e.step, e.value, e.wall_time] for e in events.Scalars(tag)] for tag in tags}))


main()
