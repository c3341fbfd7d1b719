"""Memory that this process and its copies see, in which the files of an archive stand until somebody has read them."""

import mmap

import msgspec

from . import files

#: A file's path, the bytes it has and why it was not read.
_Head = tuple[str, int, str]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[_Head]).decode

#: Before the heads stands their length.
_LENGTH = 8


class Slots:
    """So many places of so many bytes, each for the files of one part."""

    def __init__(self, count: int, size: int) -> None:
        self._size = size
        self._memory = mmap.mmap(-1, count * size)  # shared with copies that are made from now on
        self._free = list(range(count))

    def fill(self, found: list[files.Found]) -> int | None:
        """Put files into a free place; None where there is none, or they are too large."""
        heads = _encode([(path, len(data), fault) for path, data, fault in found])
        content = b"".join([len(heads).to_bytes(_LENGTH, "little"), heads, *(data for _, data, _ in found)])
        if not self._free or len(content) > self._size:
            return None
        place = self._free.pop()
        start = place * self._size
        self._memory[start : start + len(content)] = content
        return place

    def content(self, place: int) -> list[files.Found]:
        """The files of a place."""
        start = place * self._size
        begin = start + _LENGTH
        at = begin + int.from_bytes(self._memory[start:begin], "little")
        found = []
        for path, size, fault in _decode(self._memory[begin:at]):
            found.append(files.Found(path, self._memory[at : at + size], fault))
            at += size
        return found

    def free(self, place: int) -> None:
        """A place may be filled again."""
        self._free.append(place)

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()
