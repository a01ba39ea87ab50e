"""What NumPy should know of this machine's processor before it is loaded.

NumPy sorts with AVX-512 where there is any. AMD's Zen 4 has it, but runs the instruction that this sorting rests on
(compress to memory) as microcode: with AVX2 it sorts four to seven times as fast there, and sorting is what grouping
costs. https://numpy.org/doc/stable/reference/simd/build-options.html"""

import os
import re
from pathlib import Path

_VARIABLE = "NPY_DISABLE_CPU_FEATURES"
_AVX512 = "X86_V4 AVX512_ICL"
_ZEN_3_AND_4 = "25"  # of these two, Zen 4 alone has AVX-512


def better_without(cpuinfo: str) -> str:
    """NumPy's names of what it should leave, given the text of /proc/cpuinfo; mostly nothing."""
    found = dict(re.findall(r"^(vendor_id|cpu family|flags)\s*: (.*)$", cpuinfo, re.MULTILINE))
    is_zen = found.get("vendor_id") == "AuthenticAMD" and found.get("cpu family") == _ZEN_3_AND_4
    return _AVX512 if is_zen and "avx512f" in found.get("flags", "").split() else ""


def prepare_numpy() -> None:
    """Tells NumPy, here and in processes that this one starts; what is set already stays."""
    try:
        features = better_without(Path("/proc/cpuinfo").read_text())
    except OSError:
        return  # not Linux
    if features:
        os.environ.setdefault(_VARIABLE, features)
