"""Decodes one upload in a process of its own, so that a hostile file can at most end that process.

`decode` is the caller's side; run as a module it is the worker: the upload on standard input, on standard output one
line of JSON (an error, or sizes with the lengths of PNG and WebP) and then the pictures.
"""

import json
import os
import resource
import subprocess
import sys
import threading

from chassis.errors import InvalidInput, Unavailable

from listings.domain.icons import IconImage, check_size, images_of, images_of_any_length, unreadable

CPU_SECONDS = 3
WALL_SECONDS = 4  # below the five seconds that callers wait
ADDRESS_SPACE = 1 << 30
AT_ONCE = threading.BoundedSemaphore(2)
"""Workers that one server runs at the same time, so that uploads cannot take up every thread of the server."""
SECONDS_IN_LINE = 1.5


_MADE_HERE = "--made-here"


def decode(upload: bytes) -> list[IconImage]:
    """The upload at each size, smallest first.

    Raises InvalidInput, also when the worker ran into its limits; Unavailable when too many uploads come at once.
    """
    check_size(upload)
    return _decoded(upload)


def decode_again(png: bytes) -> list[IconImage]:
    """A PNG that `decode` made, at each size that is not above its own. Raises what `decode` raises."""
    return _decoded(png, _MADE_HERE)


def _decoded(upload: bytes, *arguments: str) -> list[IconImage]:
    if not AT_ONCE.acquire(timeout=SECONDS_IN_LINE):
        raise Unavailable("SERVICE_UNAVAILABLE", "Too many icons are being read. Try again in a moment.")
    try:
        return _parse(_run(upload, *arguments))
    finally:
        AT_ONCE.release()


def _run(upload: bytes, *arguments: str) -> bytes:
    command = [sys.executable, "-I", "-m", "listings.domain.icon_worker", *arguments]
    try:
        done = subprocess.run(
            command, input=upload, capture_output=True, timeout=WALL_SECONDS, env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired:
        # A file that costs too much ends at the processor's limit before: here the machine was busy.
        raise Unavailable("SERVICE_UNAVAILABLE", "The icon could not be read in time. Try again in a moment.") from None
    if done.returncode != 0:
        raise unreadable()
    return done.stdout


def _parse(output: bytes) -> list[IconImage]:
    head, _, rest = output.partition(b"\n")
    answer = json.loads(head)
    if "reason" in answer:
        refused = InvalidInput(answer["reason"], answer["message"])
        refused.metadata.update(answer["metadata"])
        raise refused
    images = []
    for size, png, webp in answer["images"]:
        images.append(IconImage(size, rest[:png], rest[png : png + webp]))
        rest = rest[png + webp :]
    return images


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _work() -> None:
    _limit()
    read = images_of_any_length if _MADE_HERE in sys.argv else images_of
    try:
        images = read(sys.stdin.buffer.read())
        head: object = {"images": [(image.size, len(image.png), len(image.webp)) for image in images]}
    except InvalidInput as error:
        images, head = [], {"reason": error.reason, "message": error.message, "metadata": error.metadata}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(image.png + image.webp for image in images))
    sys.stdout.buffer.flush()
    # Interpreter shutdown has nothing left to do for a process that lives for one picture.
    os._exit(0)


if __name__ == "__main__":
    _work()
