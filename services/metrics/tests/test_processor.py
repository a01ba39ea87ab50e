"""Which of a processor's instructions NumPy should leave."""

import os
import subprocess
import sys

import pytest
from metrics.processor import better_without

CPUINFO = """processor\t: 0
vendor_id\t: {vendor}
cpu family\t: {family}
model name\t: any
flags\t\t: fpu sse2 avx2 {more}
bugs\t\t: none
"""


@pytest.mark.parametrize(
    ("vendor", "family", "more", "left"),
    [
        ("AuthenticAMD", 25, "avx512f avx512bw", "X86_V4 AVX512_ICL"),  # Zen 4
        ("AuthenticAMD", 25, "", ""),  # Zen 3
        ("AuthenticAMD", 26, "avx512f", ""),  # Zen 5 runs it well
        ("GenuineIntel", 6, "avx512f", ""),
    ],
)
def test_zen_4_alone_sorts_without_avx_512(vendor, family, more, left):
    assert better_without(CPUINFO.format(vendor=vendor, family=family, more=more)) == left


def test_a_processor_that_says_nothing_changes_nothing():
    assert better_without("Features\t: fp asimd\n") == ""


@pytest.mark.parametrize("set_before", [None, "AVX512_SPR"])
def test_numpy_takes_it_without_a_word_and_what_an_operator_set_stays(set_before):
    environment = {name: value for name, value in os.environ.items() if name != "NPY_DISABLE_CPU_FEATURES"}
    if set_before:
        environment["NPY_DISABLE_CPU_FEATURES"] = set_before
    program = "import metrics, numpy, os; print(os.environ.get('NPY_DISABLE_CPU_FEATURES', ''))"
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() in ([set_before] if set_before else ["", "X86_V4 AVX512_ICL"])
    assert not told.stderr
