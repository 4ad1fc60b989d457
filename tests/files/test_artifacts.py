"""The artifact store: what is kept comes back, and what is not what it says is not used."""

import hashlib
import json

import pytest
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.plan.artifacts import Origin
from prune3d_gui.files import artifacts
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.files.networks.checkpoints import read_checkpoint, write_tensors

ORIGIN = Origin("toy", "Blobs", "a" * 64, (("job", "learn"), ("seed", 3)))
SPARSE = torch.where(torch.arange(600) % 5 == 0, torch.arange(600) / 7, 0.0).reshape(20, 30)
TENSORS = {
    "weight": SPARSE,
    "dense": torch.linspace(-1, 1, 11),
    "half": torch.ones(3, dtype=torch.float16),
    "kept": torch.arange(90) % 3 == 0,
    "count": torch.tensor(7),
}


@pytest.fixture
def store(tmp_path):
    return ArtifactStore(tmp_path / "store")


def keep(store, title="A mask", tensors=TENSORS, **more):
    return store.keep("mask", title, ORIGIN, tensors, {"note": "A test.", "scale": "2"} | more)


def opened(store, made):
    return store.open(made.hash, made.kind, ORIGIN.weights_hash, ORIGIN.network)


def test_what_is_kept_comes_back_bit_for_bit(store):
    made = keep(store)
    found = opened(store, made)
    assert found.artifact == made == store.about(made.hash)
    assert (made.title, made.made_from, made.kind) == ("A mask", ORIGIN, "mask")
    assert found.facts == {"note": "A test.", "scale": "2"}
    assert found.tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert found.tensors[name].dtype == tensor.dtype
        assert torch.equal(found.tensors[name], tensor)


def test_its_name_is_the_hash_of_its_file_and_zeros_are_left_out(store):
    made = keep(store)
    path = store.path(made.hash)
    assert path.stem == made.hash == hashlib.sha256(path.read_bytes()).hexdigest()
    assert made.bytes == path.stat().st_size
    denser = keep(store, tensors=TENSORS | {"weight": torch.ones(20, 30)})
    assert denser.bytes - made.bytes > 600 * 4 * 0.8 - 600 / 8 - 400
    tensors = read_checkpoint(path).tensors
    assert torch.equal(tensors["weight"], SPARSE)


def test_the_same_content_is_the_same_artifact(store, tmp_path):
    other = ArtifactStore(tmp_path / "other")
    turned = dict(reversed(TENSORS.items()))
    names = [f"n{i}" for i in range(12)]
    one = keep(store, **dict.fromkeys(names, "v"))
    two = keep(other, tensors=turned, **dict.fromkeys(reversed(names), "v"))
    assert one.hash == two.hash
    assert keep(store).hash != keep(store, title="Another").hash


def test_a_hash_may_be_given_by_its_beginning(store):
    made = [keep(store, title=f"Mask {i}") for i in range(40)]
    assert store.find(made[0].hash.upper()) == made[0]
    for one in made:
        assert store.find(one.short) == one
    with pytest.raises(BadInput, match="too short for a hash"):
        store.find("abc")
    with pytest.raises(BadInput, match="There is no artifact 'zzzz'"):
        store.find("zzzz")
    for name in ("abcd1" + "0" * 59, "abcd2" + "0" * 59):
        (store.folder / f"{name}.safetensors").write_bytes(store.data(made[0].hash))
    with pytest.raises(BadInput, match=r"Several artifacts begin with 'abcd': abcd1000 and abcd20"):
        store.find("abcd")


def test_a_damaged_one_is_said_and_the_others_stay(store):
    good, bad = keep(store, title="Good"), keep(store, title="Bad")
    path = store.path(bad.hash)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(BadInput, match=f"artifact {bad.short} is damaged") as caught:
        opened(store, bad)
    assert str(caught.value).count(".") <= 2
    with pytest.raises(BadInput, match="is damaged"):
        store.data(bad.hash)
    for content in (b"", b"x" * 100, data[:40], b"\xff" * 8 + b"{}"):
        path.write_bytes(content)
        with pytest.raises(BadInput, match="is damaged"):
            opened(store, bad)
        assert dict(store.listed())[path] is None
    assert store.known() == (good,)
    assert opened(store, good).artifact == good
    assert keep(store, title="Bad") == bad  # made again, it is whole
    assert opened(store, bad).artifact == bad


def test_a_missing_one_is_said(store):
    with pytest.raises(BadInput, match=r"There is no artifact '0000.*prune3d artifacts' lists"):
        store.open("0" * 64, "mask", "", "")
    assert not store.has("0" * 64)
    assert not store.has("../" + "0" * 61)
    assert store.known() == ()


def test_one_of_another_network_names_both(store):
    made = keep(store)
    with pytest.raises(BadInput) as caught:
        store.open(made.hash, "mask", "b" * 64, "Other blobs")
    assert "'Blobs' (aaaaaaaaaaaa), not to 'Other blobs' (bbbbbbbbbbbb)" in str(caught.value)
    with pytest.raises(BadInput, match="is a mask where a network is wanted"):
        store.open(made.hash, "network", ORIGIN.weights_hash, "Blobs")
    assert store.made_from(ORIGIN.weights_hash) == (made,)
    assert store.made_from("b" * 64) == ()


def test_a_file_of_one_can_be_taken_elsewhere(store, tmp_path):
    made = keep(store)
    file = tmp_path / "sent.safetensors"
    file.write_bytes(store.data(made.hash))
    other = ArtifactStore(tmp_path / "other")
    assert other.take(file) == made
    assert torch.equal(opened(other, made).tensors["weight"], SPARSE)
    write_tensors(file, TENSORS, {"note": "A network."})
    with pytest.raises(BadInput, match=r"sent\.safetensors' is no artifact"):
        other.take(file)
    header = json.dumps({"__metadata__": {"artifact": "{}"}}).encode()
    file.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(BadInput, match="is no artifact"):
        other.take(file)
    with pytest.raises(BadInput, match="There is no file"):
        other.take(tmp_path / "none")
    with pytest.raises(BadInput, match="damaged on its way"):
        other.take_bytes(store.data(made.hash) + b" ", made.hash)
    assert other.known() == (made,)


def test_only_ones_own_are_removed(store, tmp_path, monkeypatch):
    made, lent = keep(store), keep(ArtifactStore(tmp_path / "lent"), title="Lent")
    monkeypatch.setattr(artifacts, "_lent", [])
    artifacts.lend(tmp_path / "lent")
    assert {made, lent} == set(store.known())
    with pytest.raises(BadInput, match="only yours can be removed"):
        store.remove(lent.hash)
    store.remove(made.hash)
    assert store.known() == (lent,)
    with pytest.raises(BadInput, match="There is no artifact"):
        store.remove(made.hash)


def test_a_store_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadInput, match="is a file; choose another folder"):
        keep(ArtifactStore(tmp_path / "file"))
    with pytest.raises(BadInput, match="no kind of artifact"):
        ArtifactStore(tmp_path).keep("A Mask", "x", ORIGIN, {})


def test_what_an_artifact_found_is_told_without_its_content(store):
    made = store.keep("mask", "A mask", ORIGIN, TENSORS, found={"rate": 20.5})
    assert made.found == (("rate", 20.5),)
    assert store.about(made.hash) == made
    assert keep(store).found == ()
