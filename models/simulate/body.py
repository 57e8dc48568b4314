"""The animal's body: dm_control's rigged, skinned quadruped, reshaped from hound into cat or deer.

Source of the rig: `dog` in dm_control.suite (Apache-2.0), read from the installed package and changed in memory.
In its own frame the animal faces +x, its left is +y, up is +z; the rig stands 0.55 m high at the shoulder.
"""

from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree

import mujoco
import numpy as np
from dm_control.suite import dog
from numpy.typing import NDArray

from models.simulate.act import Individual, Species
from models.simulate.camera import Camera
from models.simulate.species import SHAPES

Array = NDArray[np.float64]

CAMERA = "trap"
TAIL = tuple(f"Ca_{number}" for number in range(1, 22))
NECK = tuple(f"C_{number}" for number in range(7, 0, -1))
LOINS = tuple(f"L_{number}" for number in range(1, 8))
TRUNK = ("torso", "pelvis", *LOINS)
THING = "thing"
_SHANKS = tuple(f"{part}_{side}" for part in ("lower_leg", "foot", "lower_arm", "hand") for side in "LR")
_THIGHS = tuple(f"{part}_{side}" for part in ("upper_leg", "upper_arm", "scapula") for side in "LR")
_LEG_LINKS = tuple(
    f"{part}_{side}"
    for part in ("lower_leg", "foot", "foot_anchor", "lower_arm", "hand_anchor", "finger")
    for side in "LR"
)
_RIG_TRUNK_HEIGHT = 0.41522  # metres, of the trunk's centre
_BACKBONE = 0.56  # metres, the height from which a belly hangs


@dataclass(frozen=True, slots=True)
class Skin:
    """The skin at rest, vertex by vertex."""

    vertices: Array  # (n, 3) metres
    normals: Array  # (n, 3) unit vectors pointing outward
    faces: NDArray[np.int64]  # (m, 3) vertex numbers
    texture: Array  # (n, 2) 0..1, u to the right and v downward
    bone: NDArray[np.int64]  # (n,) the bone that moves it most
    bones: tuple[str, ...]

    def of(self, *names: str) -> NDArray[np.bool_]:
        """(n,) whether a vertex belongs most to one of the named bones."""
        return np.isin(self.bone, [self.bones.index(name) for name in names if name in self.bones])


def load_body(
    camera: Camera, individual: Individual, pixels_wide: int, pixels_high: int, coated: bool = True
) -> mujoco.MjModel:
    """The quadruped alone, without ground, seen by the trap's camera; its coat is still the rig's own.

    Args:
        camera: where the trap hangs and how wide it sees.
        individual: whose proportions it takes.
        pixels_wide: the largest picture that will be rendered.
        pixels_high: likewise.
        coated: whether its skin has a texture to paint on; one without is ready sooner.
    """
    shaped, trunk_share = _shaped(individual.species, individual.tail, coated)
    model = copy(shaped)
    view = model.vis.global_
    view.offwidth, view.offheight = pixels_wide, pixels_high
    eye = model.camera(CAMERA)
    eye.pos[:], eye.fovy[:] = (0.0, 0.0, camera.elevation), np.degrees(camera.view)
    half = np.pi / 4 - camera.tilt / 2  # a camera looks down until it is raised; then it looks along y
    eye.quat[:] = np.cos(half), np.sin(half), 0.0, 0.0
    _fatten(model, trunk_share, individual.girth)
    _scale(model, SHAPES[individual.species].size * individual.size)
    return model


@lru_cache(maxsize=2)
def _rig(coated: bool) -> mujoco.MjModel:
    """The rig as it comes, with the trap's camera, a sun and a thing to play with; it is slow to read."""
    text, assets = dog.get_model_and_assets(floor_size=1, remove_ball=True)
    tree = ElementTree.fromstring(text)
    _leave_out_unseen(tree)
    if not coated:
        _leave_out_texture(tree)
    world = _only(tree, "worldbody")
    ElementTree.SubElement(world, "camera", {"name": CAMERA})
    ElementTree.SubElement(world, "light", {"name": "sun", "directional": "true", "castshadow": "false"})
    toy = ElementTree.SubElement(world, "body", {"name": THING, "mocap": "true", "pos": "0 0 -50"})
    ElementTree.SubElement(toy, "geom", {"name": THING, "size": "0.1", "rgba": "0.36 0.27 0.17 1", "contype": "0"})
    return mujoco.MjModel.from_xml_string(ElementTree.tostring(tree), assets)


def read_skin(model: mujoco.MjModel, size: float = 1.0) -> Skin:
    """The model's skin as it lies at rest, divided by the animal's size."""
    vertices = np.array(model.skin_vert, dtype=np.float64) / size
    faces = np.array(model.skin_face, dtype=np.int64)
    return Skin(
        vertices=vertices,
        normals=_normals(vertices, faces),
        faces=faces,
        texture=np.array(model.skin_texcoord, dtype=np.float64),
        bone=_weights(model).argmax(axis=0),
        bones=tuple(model.body(int(body)).name for body in model.skin_bonebodyid),
    )


def _only(parent: ElementTree.Element, path: str) -> ElementTree.Element:
    found = parent.find(path)
    if found is None:
        raise LookupError(
            f"dm_control's quadruped has no {path!r} any more; install a release that pyproject.toml allows"
        )
    return found


def _leave_out_unseen(tree: ElementTree.Element) -> None:
    """Takes out the floor, bones under the skin, muscles and sensors: only poses are wanted, and they load slowly."""
    for name in ("contact", "tendon", "actuator", "sensor"):
        tree.remove(_only(tree, name))
    tree.remove(_only(tree, "include[@file='./common/skybox.xml']"))
    for body in tree.iter():
        for geom in body.findall("geom") if body.tag in ("worldbody", "body") else ():
            if geom.get("class") != "visible_bone":
                body.remove(geom)
    seen = {str(geom.get("mesh")) for geom in tree.iter("geom")}
    assets = _only(tree, "asset")
    for asset in list(assets):
        if (asset.tag == "mesh" and asset.get("name") not in seen) or asset.get("name") == "tennis_ball":
            assets.remove(asset)
    _only(tree, "compiler").attrib.update(boundmass="0.01", boundinertia="0.0001")  # bodies are left without flesh


def _leave_out_texture(tree: ElementTree.Element) -> None:
    assets = _only(tree, "asset")
    for asset in assets.findall("*[@name='skin']"):
        if asset.tag in ("texture", "material"):
            assets.remove(asset)
    _only(assets, "skin").attrib.pop("material")


def _weights(model: mujoco.MjModel) -> Array:
    weights = np.zeros((len(model.skin_bonebodyid), len(model.skin_vert)))
    for bone, (first, count) in enumerate(zip(model.skin_bonevertadr, model.skin_bonevertnum, strict=True)):
        part = slice(first, first + count)
        weights[bone, model.skin_bonevertid[part]] = model.skin_bonevertweight[part]
    return weights


def _welded(vertices: Array) -> NDArray[np.int64]:
    """(n,) one number for all vertices at the same place: a texture's seam splits the skin into several there."""
    return np.unique(vertices.round(5), axis=0, return_inverse=True)[1].ravel()


def _normals(vertices: Array, faces: NDArray[np.int64]) -> Array:
    corners = vertices[faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    points = _welded(vertices)
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, points[faces[:, corner]], flat)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return normals[points]


@lru_cache(maxsize=8)
def _shaped(species: Species, tail: float, coated: bool) -> tuple[mujoco.MjModel, Array]:
    """The rig with a species' bones, flesh, muzzle and ears, and how much each point of the skin goes with the trunk.

    It is slow to make, and individuals differ in girth and size alone.
    """
    shape, model = SHAPES[species], copy(_rig(coated))
    _stretch(model, TAIL[1:], shape.tail * max(tail, 0.06))
    _stretch(model, (*LOINS, "pelvis"), shape.loins)
    _stretch(model, NECK[1:], shape.neck)
    _stretch(model, _LEG_LINKS, shape.legs)
    _set_on_ground(model)
    skin = read_skin(model)
    vertices = skin.vertices.copy()
    for bones, metres in (
        (TAIL, shape.thicker_tail),
        (_SHANKS, shape.thicker_shanks),
        (_THIGHS, shape.thicker_thighs),
        (TRUNK, shape.thicker_trunk),
        (NECK, shape.thicker_neck),
    ):
        vertices[skin.of(*bones)] += metres * skin.normals[skin.of(*bones)]
    nose = skin.vertices[skin.of("skull", "jaw")].max(axis=0)
    vertices = _smooth(vertices, skin.faces, _welded(skin.vertices), ~skin.of("skull", "jaw"), rounds=4)
    head = skin.of("skull", "jaw")
    nose = skin.vertices[head].max(axis=0)
    bridge = nose[0] - 0.06
    muzzle = head & (vertices[:, 0] > bridge)
    vertices[muzzle, 0] = bridge + shape.muzzle * (vertices[muzzle, 0] - bridge)
    tips = nose[2] - 0.035
    ears = skin.of("skull") & (vertices[:, 2] > tips) & (vertices[:, 0] < bridge - 0.01)
    vertices[ears, 2] = tips + shape.ears * (vertices[ears, 2] - tips)
    model.skin_vert[:] = vertices
    names = [model.body(int(body)).name for body in model.skin_bonebodyid]
    return model, _weights(model)[[name in TRUNK for name in names]].sum(axis=0).clip(0, 1)


def _stretch(model: mujoco.MjModel, bodies: tuple[str, ...], factor: float) -> None:
    """Moves bodies away from their parents; the skin goes with the bones."""
    before = _rest_positions(model)
    for name in bodies:
        model.body(name).pos *= factor
    moved = _rest_positions(model) - before
    bones = np.array(model.skin_bonebodyid)
    model.skin_vert[:] += _weights(model).T @ moved[bones]
    model.skin_bonebindpos[:] += moved[bones]


def _set_on_ground(model: mujoco.MjModel) -> None:
    """Raises or lowers the trunk, after its legs were stretched, until the lowest skin touches the ground again."""
    rise = -float(np.array(model.skin_vert)[:, 2].min())
    model.body("torso").pos[2] += rise
    model.qpos0[2] += rise
    model.skin_vert[:, 2] += rise
    model.skin_bonebindpos[:, 2] += rise


def _fatten(model: mujoco.MjModel, trunk_share: Array, girth: float) -> None:
    """Makes the trunk wider and deeper by the factor `girth`; the back keeps its height."""
    factor = 1 + (girth - 1) * trunk_share
    backbone = _BACKBONE + float(model.qpos0[2]) - _RIG_TRUNK_HEIGHT
    model.skin_vert[:, 1] *= factor
    model.skin_vert[:, 2] = backbone + (model.skin_vert[:, 2] - backbone) * factor


def _scale(model: mujoco.MjModel, size: float) -> None:
    """Makes everything `size` times as large, about the ground point under the rig's origin."""
    for lengths in (
        model.body_pos,
        model.body_ipos,
        model.jnt_pos,
        model.geom_pos,
        model.geom_size,
        model.mesh_vert,
        model.site_pos,
        model.skin_vert,
        model.skin_bonebindpos,
    ):
        lengths[:] *= size
    model.qpos0[:3] *= size
    model.geom(THING).size[:] = 0.1


def _rest_positions(model: mujoco.MjModel) -> Array:
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    return np.array(data.xpos)


def _smooth(
    vertices: Array, faces: NDArray[np.int64], points: NDArray[np.int64], where: NDArray[np.bool_], rounds: int
) -> Array:
    """Half a step towards the neighbours' mean, `rounds` times: hides the folds that thickening leaves."""
    faces = points[faces]
    neighbours = np.concatenate([faces[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    neighbours = np.concatenate([neighbours, neighbours[:, ::-1]])
    count = np.maximum(np.bincount(neighbours[:, 0], minlength=len(vertices)), 1)[:, None]
    for _ in range(rounds):
        place = np.zeros_like(vertices)
        place[points] = vertices
        total = np.zeros_like(vertices)
        np.add.at(total, neighbours[:, 0], place[neighbours[:, 1]])
        mean = (total / count)[points]
        vertices = np.where(where[:, None], 0.5 * (vertices + mean), vertices)
    return vertices
