"""A hand at the face: fingers as tubes that lie on the skin, a palm and a forearm that leave it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.renderer import optics
from models.renderer.coverings import Hand
from models.renderer.head_surface import AXIS, HeadSurface
from models.renderer.people import Person
from models.renderer.scene_objects import Material, SceneObject, join, tube
from skinscan.color import F0

__all__ = ["hand_things"]

Array = NDArray[np.floating[Any]]

_ARC = 6.8  # degrees a cm on the cheek
_STEPS = 30
_KNUCKLE = 0.4  # cm: what lies further back has left the face
_LENGTHS = (7.2, 8.0, 7.5, 6.0)  # cm, index to little finger
_BACK = (0.0, 0.35, 0.1, -0.6)  # cm: how far their knuckles stand out
_TOWARDS = {"cheek": (-0.15, 1.0), "chin": (-1.0, 0.22), "brow": (-1.0, 0.1), "point": (-0.8, 0.35)}
_EXTENDED = {"cheek": (0, 1, 2, 3), "chin": (0, 1, 2, 3), "brow": (0, 1, 2, 3), "point": (0,)}


def hand_things(
    hand: Hand, person: Person, relief: HeadSurface, rng: np.random.Generator
) -> list[SceneObject]:
    """Forearm and palm, then fingers; the skin is the person's, darker or redder by what `hand` says."""
    skin = optics.add_melanin(person.sites["cheek"], np.array(hand.darker))
    skin = optics.add_erythema(skin, np.array(hand.redder)) - np.float32(F0)
    if hand.pose == "point":
        return [join(_pointing(hand, relief, skin, rng))]
    x, y = _TOWARDS[hand.pose]
    turn = np.radians(hand.turn)
    way = np.array([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)])
    way /= np.linalg.norm(way)
    across = np.array([way[1], -way[0]])
    if hand.pose != "cheek":
        across = -across  # the index finger is the upper one
    drape = relief.draped(1.2)
    finger = _finger_stuff(hand, skin, rng)
    parts = [_palm(hand, drape, way, skin, rng)]
    for k in _EXTENDED[hand.pose]:
        spread = (k - 1.5) * (1.72 + 0.1 * float(rng.random())) * hand.size
        long = np.linspace(-2.6, _LENGTHS[k] + _BACK[k], _STEPS) * hand.size
        radius = _finger_radius(k) * hand.size
        lift = 0.75 * radius + 0.1 * np.sin(np.linspace(0, np.pi, _STEPS))
        path = _along(
            hand, drape, way, long, spread * across + 0.02 * (k - 1.5) * long[:, None] * across, lift
        )
        parts.append(tube(path, radius, finger, flat=0.9, sides=14, out=_outwards(path)))
    return [parts[0], join(parts[1:])]


def _along(hand: Hand, relief: HeadSurface, way: Array, long: Array, aside: Array, lift: Array) -> Array:
    """(N, 3): points `long` cm in front of the knuckles on the skin, or straight behind them in space.

    `aside` (N, 2) cm along the skin is added; behind the knuckles the hand leaves the face and sinks.
    """
    flat = np.maximum(long, _KNUCKLE)[:, None] * way + aside
    angle = hand.side * (hand.at[0] + flat[:, 0] * _ARC)
    skin = relief.over(angle, hand.at[1] + flat[:, 1], lift)
    behind = np.clip(_KNUCKLE - long, 0.0, None)[:, None]
    turn = np.radians(hand.side * hand.at[0])
    right = np.array([np.cos(turn), 0.0, -np.sin(turn)]) * hand.side
    front = np.array([np.sin(turn), 0.0, np.cos(turn)])
    direction = way[0] * right + way[1] * np.array([0.0, 1.0, 0.0])  # where the fingers point
    bend = 0.12 * np.clip(behind - 1.4, 0, None) * front - 0.02 * behind**1.6 * np.array([0.0, 1.0, 0.0])
    return np.asarray(skin - behind * direction + bend, np.float32)


def _outwards(path: Array) -> Array:
    return np.asarray(path - (0.0, 1.0, 0.0) * path - (0.0, 0.0, AXIS), np.float32)


def _finger_radius(k: int) -> Array:
    """(_STEPS,) cm: thicker at the joints, round at the tip."""
    t = np.linspace(0, 1, _STEPS)
    radius = (
        0.92
        - 0.24 * t
        + 0.05 * np.exp(-(((t - 0.5) / 0.06) ** 2))
        + 0.03 * np.exp(-(((t - 0.77) / 0.05) ** 2))
    )
    tip = np.sqrt(np.clip(1.0 - ((t - 0.9) / 0.1).clip(0) ** 2, 0.003, 1))
    root = np.sqrt(np.clip(t / 0.15, 0.05, 1.0))  # it comes out of the palm
    return np.asarray(radius * root * tip * (0.84 if k == 3 else 1.0), np.float32)


def _finger_stuff(hand: Hand, skin: Array, rng: np.random.Generator) -> Material:
    """Creases over the joints, and a nail."""
    t, s = np.mgrid[0:1:192j, 0:1:96j]
    creases = sum(np.exp(-(((t - at) / 0.006) ** 2)) for at in (0.475, 0.5, 0.525, 0.755, 0.775))
    back = np.exp(-(((s - 0.5) / 0.2) ** 4))
    uneven = cv2.GaussianBlur(rng.standard_normal(t.shape).astype(np.float32), (0, 0), 5.0)
    nail = (((t - 0.92) / 0.055) ** 4 + ((s - 0.5) / 0.16) ** 4 < 1).astype(np.float32)
    nail = cv2.GaussianBlur(nail, (0, 0), 1.0)
    if hand.polish:
        plate = optics.cloth(*hand.polish).astype(np.float32)
    else:
        plate = (1.12 * skin + 0.03).astype(np.float32)
    shade = 1.0 - 0.13 * creases * back + 0.03 * uneven / uneven.std()
    return Material(
        body=skin.astype(np.float32), rough=0.42, gloss=1.0, soft=1.0, shade=shade.astype(np.float32),
        other=plate, mix=nail,
    )  # fmt: skip


def _skin_stuff(skin: Array, rng: np.random.Generator) -> Material:
    uneven = cv2.GaussianBlur(rng.standard_normal((96, 96)).astype(np.float32), (0, 0), 6.0)
    shade = 1.0 + 0.03 * uneven / uneven.std()
    return Material(
        body=skin.astype(np.float32), rough=0.45, gloss=1.0, soft=1.0, shade=shade.astype(np.float32)
    )


def _palm(hand: Hand, relief: HeadSurface, way: Array, skin: Array, rng: np.random.Generator) -> SceneObject:
    """The back of the hand and the forearm, one flat tube that leaves the face."""
    long = np.array([1.0, 0.7, 0.4, 0.0, -1.5, -3.5, -5.5, -7.5, -8.8, -10.0, -12.0, -16.0, -22.0, -30.0])
    wide = np.array([1.9, 2.7, 3.2, 3.5, 3.75, 3.8, 3.7, 3.2, 2.7, 2.6, 2.8, 3.2, 3.6, 3.9])
    lift = np.array([0.0, 0.15, 0.3, 0.45])
    fine = np.linspace(0, len(long) - 1, 44)
    at, radius, lifts = (
        np.interp(fine, np.arange(len(row)), row) for row in (long * hand.size, wide * hand.size, lift)
    )
    path = _along(hand, relief, way, at, np.zeros((len(at), 2)), lifts)
    angle = np.radians(hand.side * hand.at[0])
    front = np.array([np.sin(angle), 0.0, np.cos(angle)])
    return tube(path, radius, _skin_stuff(skin, rng), flat=0.28, sides=20, out=front)


def _pointing(hand: Hand, relief: HeadSurface, skin: Array, rng: np.random.Generator) -> list[SceneObject]:
    """One finger whose tip touches the skin, the rest a fist beside the face."""
    tip = relief.over(np.array([hand.side * hand.at[0]]), np.array([hand.at[1]]), 0.35)[0]
    spin = np.radians(hand.turn)
    away = np.array([hand.side * 0.75, -0.55, 0.42])
    turn = np.array([[np.cos(spin), -np.sin(spin), 0], [np.sin(spin), np.cos(spin), 0], [0, 0, 1]])
    away = turn @ (away / np.linalg.norm(away))
    out = np.array([hand.side * 0.3, 0.3, 0.9])
    t = np.linspace(8.0, 0.0, _STEPS)[:, None] * hand.size
    bow = -0.5 * np.sin(np.pi * t / t.max()) * (out - away * (out @ away))
    radius = _finger_radius(0) * hand.size
    finger = tube(
        (tip + away * t - bow).astype(np.float32), radius, _finger_stuff(hand, skin, rng), sides=14, out=out
    )
    stuff = finger.stuff
    parts = [finger]
    side = np.cross(away, out)
    side = side / np.linalg.norm(side) * -hand.side
    for k in range(1, 4):  # curled fingers
        begin = tip + away * (7.6 * hand.size) + side * (1.7 * k * hand.size)
        u = np.linspace(0, 1, _STEPS)[:, None]
        curl = begin + away * (2.5 - 3.2 * np.sin(np.pi * u)) * hand.size - out * (1.6 * (u - 0.2))
        parts.append(
            tube(curl.astype(np.float32), 0.95 * _finger_radius(k) * hand.size, stuff, sides=12, out=out)
        )
    arm = np.array([6.8, 8.5, 11.0, 13.5, 15.5, 19.0, 24.0, 34.0])[:, None]
    wide = np.array([2.2, 3.5, 3.9, 3.6, 2.9, 2.8, 3.2, 3.8]) * hand.size
    centre = (
        tip
        + away * arm * hand.size
        + side * (2.3 * hand.size)
        + np.array([0.0, -0.012, 0.0]) * (arm - 7) ** 2
    )
    fine = np.linspace(0, len(arm) - 1, 36)
    smooth = np.stack([np.interp(fine, np.arange(len(arm)), centre[:, k]) for k in range(3)], -1)
    body = tube(
        smooth.astype(np.float32), np.interp(fine, np.arange(len(arm)), wide), _skin_stuff(skin, rng),
        flat=0.5, sides=20, out=out,
    )  # fmt: skip
    return [_restuff(body, stuff), *parts]


def _restuff(thing: SceneObject, stuff: Material) -> SceneObject:
    """The same shape of the same skin without nails."""
    st = thing.st * (1.0, 0.4)
    return SceneObject(
        stuff=stuff, xyz=thing.xyz, normal=thing.normal, st=st.astype(np.float32), open=thing.open,
        triangles=thing.triangles, casts=thing.casts,
    )  # fmt: skip
