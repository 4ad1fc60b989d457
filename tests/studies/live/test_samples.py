"""Samples of a person's own: the session says which file they are."""

import hashlib
import queue

from prune3d_gui.studies.live.events import Done
from prune3d_gui.studies.live.session import LiveSession
from tests.toy import Plugin


def test_a_sample_of_ones_own_has_the_name_and_the_hash_of_its_file(tmp_path):
    heard: queue.Queue = queue.Queue()
    session, system = LiveSession(heard.put), Plugin()
    path = tmp_path / "me.png"
    path.write_bytes(b"a picture")
    session.open(system, system.bundled()[0])
    session.open_sample(path)
    while not isinstance(event := heard.get(timeout=20), Done):
        pass
    assert event.tag == "sample"
    assert event.result.sample.file == "me.png"
    assert event.result.sample.file_hash == hashlib.sha256(b"a picture").hexdigest()
    assert str(tmp_path) not in repr(event.result.sample)
    assert session.close()
