from gateway.expiring_cache import ExpiringCache


class Ticking:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_kept_until_it_ends() -> None:
    clock = Ticking()
    cache: ExpiringCache[str, int] = ExpiringCache(clock=clock)
    assert cache.get("a", lambda: (1, 10)) == 1
    clock.now = 9.9
    assert cache.get("a", lambda: (2, 10)) == 1
    clock.now = 10
    assert cache.get("a", lambda: (2, 10)) == 2


def test_an_answer_that_is_good_for_no_time_is_not_kept() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache()
    assert cache.get("a", lambda: (1, -3)) == 1
    assert cache.get("a", lambda: (2, 10)) == 2


def test_a_drop_during_the_question_wins() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache()

    def make() -> tuple[int, float]:
        cache.drop(lambda key, _: True)
        return 1, 10

    assert cache.get("a", make) == 1
    assert cache.get("a", lambda: (2, 10)) == 2


def test_only_what_is_concerned_is_dropped() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache()
    for key in ("a", "b"):
        cache.get(key, lambda: (1, 10))
    cache.drop(lambda key, _: key == "a")
    assert cache.get("a", lambda: (2, 10)) == 2
    assert cache.get("b", lambda: (2, 10)) == 1


def test_the_cache_does_not_grow_without_end() -> None:
    cache: ExpiringCache[int, int] = ExpiringCache(limit=10)
    for key in range(100):
        cache.get(key, lambda: (1, 10))
    assert len(cache._kept) <= 10
