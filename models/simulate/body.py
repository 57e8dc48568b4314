"""The animal's body: dm_control's rigged, skinned quadruped, reshaped from hound towards cat.

Source of the rig: `dog` in dm_control.suite (Apache-2.0), read from the installed package and changed in memory.
In its own frame the animal faces +x, its left is +y, up is +z; it stands 0.55 m high at the shoulder.
"""

from dataclasses import dataclass
from xml.etree import ElementTree

import mujoco
import numpy as np
from dm_control.suite import dog
from numpy.typing import NDArray

from models.simulate.camera import Camera

Array = NDArray[np.float64]

CAMERA = "trap"
TAIL = tuple(f"Ca_{number}" for number in range(1, 22))
NECK = tuple(f"C_{number}" for number in range(7, 0, -1))


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


def load_body(camera: Camera, pixels_wide: int, pixels_high: int) -> mujoco.MjModel:
    """The quadruped alone, without ground, seen by the trap's camera.

    Args:
        camera: where the trap hangs and how wide it sees.
        pixels_wide: the largest picture that will be rendered.
        pixels_high: likewise.
    """
    text, assets = dog.get_model_and_assets(floor_size=1, remove_ball=True)
    tree = ElementTree.fromstring(text)
    for visual in tree.iter("global"):
        visual.set("offwidth", str(pixels_wide))
        visual.set("offheight", str(pixels_high))
    world = _only(tree, "worldbody")
    world.remove(_only(world, "geom[@name='floor']"))
    up = (0.0, np.sin(camera.tilt), np.cos(camera.tilt))
    placed = {"name": CAMERA, "pos": f"0 0 {camera.elevation}", "fovy": str(np.degrees(camera.view))}
    ElementTree.SubElement(world, "camera", placed | {"xyaxes": "1 0 0 " + " ".join(map(str, up))})
    ElementTree.SubElement(world, "light", {"name": "sun", "directional": "true", "castshadow": "false"})
    model = mujoco.MjModel.from_xml_string(ElementTree.tostring(tree), assets)
    _make_cat(model)
    return model


def read_skin(model: mujoco.MjModel) -> Skin:
    """The model's skin as it lies at rest."""
    vertices = np.array(model.skin_vert, dtype=np.float64)
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


def _make_cat(model: mujoco.MjModel) -> None:
    """Longer and thicker tail, stouter trunk and legs, short muzzle, small round ears. Sizes chosen by eye."""
    _lengthen_tail(model, 1.35)
    skin = read_skin(model)
    vertices = skin.vertices.copy()
    legs = [f"{part}_{side}" for part in ("lower_leg", "foot", "lower_arm", "hand") for side in "LR"]
    thighs = [f"{part}_{side}" for part in ("upper_leg", "upper_arm", "scapula") for side in "LR"]
    trunk = ["torso", "pelvis", *(f"L_{number}" for number in range(1, 8))]
    for bones, metres in ((TAIL, 0.013), (legs, 0.011), (thighs, 0.012), (trunk, 0.014), (NECK, 0.018)):
        vertices[skin.of(*bones)] += metres * skin.normals[skin.of(*bones)]
    vertices = _smooth(vertices, skin.faces, _welded(skin.vertices), ~skin.of("skull", "jaw"), rounds=4)
    head = skin.of("skull", "jaw")
    muzzle = head & (vertices[:, 0] > 0.372)
    vertices[muzzle, 0] = 0.372 + 0.62 * (vertices[muzzle, 0] - 0.372)
    ears = skin.of("skull") & (vertices[:, 2] > 0.725) & (vertices[:, 0] < 0.36)
    vertices[ears, 2] = 0.725 + 0.42 * (vertices[ears, 2] - 0.725)
    model.skin_vert[:] = vertices


def _lengthen_tail(model: mujoco.MjModel, factor: float) -> None:
    before = _rest_positions(model)
    for name in TAIL[1:]:
        model.body(name).pos *= factor
    moved = _rest_positions(model) - before
    bones = np.array(model.skin_bonebodyid)
    model.skin_vert[:] += _weights(model).T @ moved[bones]
    model.skin_bonebindpos[:] += moved[bones]


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
