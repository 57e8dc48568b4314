"""What the trap's lens shows of one model, rendered only in the part of the picture where the model is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from models.simulate.body import CAMERA
from models.simulate.plants import Window

_EDGE = 2  # pixels rendered around what the geometry covers, against rounding
_SKIN_STEP, _SKIN_GRAIN = 4, 0.02  # every so many points of the skin, and metres within which each has its neighbours
_MOST_GEOMS = 400  # in a scene; the quadruped and the walker show a few dozen
_DRAWN_GROUPS = 3  # MuJoCo shows geoms of the groups 0 to 2 unless told otherwise


@dataclass(frozen=True, slots=True)
class Lens:
    """A rendering context that holds one model."""

    model: mujoco.MjModel
    scene: mujoco.MjvScene
    context: mujoco.MjrContext
    surface: "mujoco.GLContext"
    camera: mujoco.MjvCamera
    option: mujoco.MjvOption
    wide: int  # pixels of the whole picture that it can render
    high: int


@contextmanager
def open_lens(model: mujoco.MjModel, wide: int, high: int) -> Iterator[Lens]:
    """A context for pictures of the model up to `wide` x `high` pixels, for as long as the block lasts."""
    model.vis.quality.shadowsize = 0  # shadows are made elsewhere
    model.vis.quality.offsamples = 0  # edges are smoothed by rendering larger, where they must be smooth
    surface = mujoco.GLContext(wide, high)
    surface.make_current()
    context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_50.value)
    mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, context)
    context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR
    camera = mujoco.MjvCamera()
    camera.type, camera.fixedcamid = mujoco.mjtCamera.mjCAMERA_FIXED, model.camera(CAMERA).id
    scene = mujoco.MjvScene(model=model, maxgeom=_MOST_GEOMS)
    for effect in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION, mujoco.mjtRndFlag.mjRND_SKYBOX):
        scene.flags[effect] = 0
    try:
        yield Lens(model, scene, context, surface, camera, mujoco.MjvOption(), wide, high)
    finally:
        context.free()
        surface.free()


def aim(lens: Lens, data: mujoco.MjData) -> Window | None:
    """Takes in how the model stands, and says which part of the picture it can cover; None if it is outside."""
    mujoco.mjv_updateScene(
        lens.model, data, lens.option, None, lens.camera, mujoco.mjtCatBit.mjCAT_ALL.value, lens.scene
    )
    eye = lens.scene.camera[0]
    forward, up = np.array(eye.forward), np.array(eye.up)
    axes = np.stack([np.cross(forward, up), up, forward]).astype(np.float32)
    middle = np.mean([eye.pos for eye in lens.scene.camera], axis=0)  # between MuJoCo's left and right eye
    points, radii = _extent(lens, data)
    across, above, away = axes @ (points - middle.astype(np.float32)).T
    if (away - radii).min() < 2 * eye.frustum_near:  # so near that it may lie around the lens
        return slice(0, lens.high), slice(0, lens.wide)
    scale = lens.high / (2 * eye.frustum_top) * eye.frustum_near / (away - radii)
    # A ball's outline bulges beyond its radius when it is off the axis; twice the radius is more than it can.
    columns = _span(lens.wide / 2 + across * scale, 2 * radii * scale, lens.wide)
    rows = _span(lens.high / 2 - above * scale, 2 * radii * scale, lens.high)
    return None if columns is None or rows is None else (rows, columns)


def take_colour_and_depth(lens: Lens, window: Window) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """(h, w, 3) RGB and (h, w) metres along the axis, of the part of the picture that was last aimed at."""
    area = _draw(lens, window)
    colour = np.empty((area.height, area.width, 3), dtype=np.uint8)
    depth = np.empty((area.height, area.width), dtype=np.float32)
    mujoco.mjr_readPixels(colour, depth, area, lens.context)
    return colour[::-1], _metres(lens, depth)


def take_depth(lens: Lens, window: Window) -> NDArray[np.float32]:
    """(h, w) metres along the axis, likewise."""
    with _flat(lens):
        area = _draw(lens, window)
    depth = np.empty((area.height, area.width), dtype=np.float32)
    mujoco.mjr_readPixels(None, depth, area, lens.context)
    return _metres(lens, depth)


def take_geom(lens: Lens, window: Window, name: str) -> NDArray[np.bool_]:
    """(h, w) where the named geom is in front, likewise."""
    with _flat(lens):
        area = _draw(lens, window)
    parts = np.empty((area.height, area.width, 3), dtype=np.uint8)
    mujoco.mjr_readPixels(parts, None, area, lens.context)
    wanted = lens.model.geom(name).id
    for geom in lens.scene.geoms[: lens.scene.ngeom]:
        if geom.objtype == int(mujoco.mjtObj.mjOBJ_GEOM) and geom.objid == wanted:
            number = geom.segid + 1
            code = np.array([number & 255, number >> 8 & 255, number >> 16], dtype=np.uint8)
            return np.asarray((parts[::-1] == code).all(axis=2))
    return np.zeros(parts.shape[:2], dtype=np.bool_)


def _extent(lens: Lens, data: mujoco.MjData) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n, 3) points and (n,) radii around them, in metres, that hold everything that is drawn."""
    drawn = lens.model.geom_group < _DRAWN_GROUPS
    drawn &= data.geom_xpos[:, 2] > -10  # what is out of use lies far below the ground
    points = [data.geom_xpos[drawn]]
    radii = [lens.model.geom_rbound[drawn]]
    if lens.model.nskin:
        skin = lens.scene.skinvert.reshape(-1, 3)[::_SKIN_STEP]
        points.append(skin)
        radii.append(np.full(len(skin), _SKIN_GRAIN))
    return np.concatenate(points).astype(np.float32), np.concatenate(radii).astype(np.float32)


def _span(middles: NDArray[np.float32], radii: NDArray[np.float32], size: int) -> slice | None:
    """The pixels from the first to the last, on one axis of the picture."""
    first = max(int(np.floor((middles - radii).min())) - _EDGE, 0)
    last = min(int(np.ceil((middles + radii).max())) + _EDGE, size)
    return slice(first, last) if first < last else None


def _draw(lens: Lens, window: Window) -> mujoco.MjrRect:
    """Renders the window's part of the picture, pixel for pixel as the whole picture would have it."""
    rows, columns = window
    area = mujoco.MjrRect(0, 0, columns.stop - columns.start, rows.stop - rows.start)
    before = [(eye.frustum_bottom, eye.frustum_top) for eye in lens.scene.camera]
    for eye in lens.scene.camera:
        half = eye.frustum_top
        pixel = 2 * half / lens.high
        eye.frustum_top, eye.frustum_bottom = half - rows.start * pixel, half - rows.stop * pixel
        eye.frustum_center = ((columns.start + columns.stop) / 2 - lens.wide / 2) * pixel
    lens.surface.make_current()
    mujoco.mjr_render(area, lens.scene, lens.context)
    for eye, (bottom, top) in zip(lens.scene.camera, before, strict=True):
        eye.frustum_bottom, eye.frustum_top, eye.frustum_center = bottom, top, 0.0
    return area


@contextmanager
def _flat(lens: Lens) -> Iterator[None]:
    """Draws each part in the colour that stands for its number, without light: all that depth needs."""
    flags = (mujoco.mjtRndFlag.mjRND_SEGMENT, mujoco.mjtRndFlag.mjRND_IDCOLOR)
    for flag in flags:
        lens.scene.flags[flag] = 1
    try:
        yield
    finally:
        for flag in flags:
            lens.scene.flags[flag] = 0


def _metres(lens: Lens, depth: NDArray[np.float32]) -> NDArray[np.float32]:
    """The depth buffer, upside down and reversed (1 near, 0 far), as metres from the lens along its axis."""
    near, far = (lens.model.stat.extent * end for end in (lens.model.vis.map.znear, lens.model.vis.map.zfar))
    metres = near * far / (near + depth[::-1].astype(np.float64) * (far - near))
    return np.asarray(metres, dtype=np.float32)
