"""Icons are served as WebP too; those that were stored before there was WebP get theirs from the work process."""

import io
import os
import threading

import pytest
from chassis.process import Stop
from directory.listings.v1 import listings_service_pb2 as pb
from listings.consumers import missing_webps
from listings.consumers.missing_webps import MissingWebps
from PIL import Image
from sqlalchemy import text


def upload(directory, edge=128):
    """An icon that nobody uploaded before."""
    picture = Image.frombytes("RGB", (edge, edge), os.urandom(edge * edge * 3))
    target = io.BytesIO()
    picture.save(target, format="PNG")
    with directory.signed_in():
        return directory.icons.UploadIcon(pb.UploadIconRequest(image=target.getvalue())).icon.icon_id


def image(directory, icon_id, size, **fields):
    return directory.icons.GetIconImage(pb.GetIconImageRequest(icon_id=icon_id, size=size, **fields))


def webp(directory, icon_id, size):
    return image(directory, icon_id, size, format="IMAGE_FORMAT_WEBP", or_below=True)


def edge(data):
    return Image.open(io.BytesIO(data)).width


def forget_webps(directory, icon_id):
    """As an icon was stored by the version before."""
    with directory.database.transaction() as uow:
        uow.execute(text("UPDATE icon_images SET webp = NULL WHERE icon_id = :id"), {"id": icon_id})
        uow.commit()


def test_an_icon_is_served_as_webp_at_each_of_its_sizes(directory):
    icon_id = upload(directory)
    assert edge(webp(directory, icon_id, 64).webp) == 64
    assert edge(webp(directory, icon_id, 128).webp) == 128
    assert not webp(directory, icon_id, 64).png


def test_whoever_asks_for_png_or_for_nothing_gets_png(directory):
    icon_id = upload(directory)
    for fields in ({}, {"format": "IMAGE_FORMAT_PNG"}):
        answer = image(directory, icon_id, 64, **fields)
        assert answer.png.startswith(b"\x89PNG")
        assert not answer.webp


def test_the_largest_below_will_do_where_that_is_said(directory):
    icon_id = upload(directory, 64)
    assert edge(webp(directory, icon_id, 512).webp) == 64
    assert edge(image(directory, icon_id, 512, or_below=True).png) == 64


@pytest.mark.parametrize("size", [0, 63])
def test_there_is_nothing_below_the_smallest(directory, size):
    icon_id = upload(directory, 64)
    with pytest.raises(Exception, match="ICON_NOT_FOUND"):
        webp(directory, icon_id, size)


def test_an_icon_without_webp_is_a_png_until_the_work_process_has_made_it(directory):
    icon_id, other = upload(directory), upload(directory, 64)
    for each in (icon_id, other):
        forget_webps(directory, each)
    before = webp(directory, icon_id, 128)
    assert (edge(before.png), before.webp) == (128, b"")
    filling = MissingWebps(directory.database)
    assert [filling.fill_next() for _ in range(3)] == [True, True, False]
    for each, size in ((icon_id, 64), (icon_id, 128), (other, 64)):
        assert edge(webp(directory, each, size).webp) == size
    made, png = webp(directory, icon_id, 128).webp, image(directory, icon_id, 128).png
    assert Image.open(io.BytesIO(made)).convert("RGB").tobytes() == Image.open(io.BytesIO(png)).convert("RGB").tobytes()


def test_a_picture_that_cannot_be_read_holds_up_no_other(directory):
    broken, fine = upload(directory, 64), upload(directory, 64)
    for each in (broken, fine):
        forget_webps(directory, each)
    with directory.database.transaction() as uow:
        uow.execute(text("UPDATE icon_images SET png = 'broken' WHERE icon_id = :id"), {"id": broken})
        uow.commit()
    filling = MissingWebps(directory.database)
    assert [filling.fill_next() for _ in range(3)] == [True, True, False]
    assert [filling.fill_next() for _ in range(2)] == [True, False], "the broken one is tried again in the next round"
    assert webp(directory, fine, 64).webp
    assert not webp(directory, broken, 64).webp


def test_the_loop_finds_what_came_meanwhile(directory, monkeypatch, eventually):
    monkeypatch.setattr(missing_webps, "SECONDS_BETWEEN_ROUNDS", 0.05)
    stop = Stop()
    thread = threading.Thread(target=MissingWebps(directory.database).run, args=(stop,))
    thread.start()
    try:
        icon_id = upload(directory, 64)
        forget_webps(directory, icon_id)
        eventually(lambda: webp(directory, icon_id, 64).webp)
    finally:
        stop.set()
        thread.join()
