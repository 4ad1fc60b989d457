from prune3d_gui.core.newest import Newest


def test_what_was_not_asked_for_longest_goes_first_and_nothing_is_made_twice():
    made, kept = [], Newest(2)

    def make(key):
        made.append(key)
        return key.upper()

    for key in "abacab":
        assert kept.keep(key, lambda key=key: make(key)) == key.upper()
    assert made == ["a", "b", "c", "b"]
    assert list(kept) == ["a", "b"]
