"""Small valid files of every format of values on a regular grid."""

import bz2
import gzip

import nibabel
import numpy as np
import pyvista as pv
from PIL import Image
from vtkmodules.vtkIOImage import vtkMetaImageWriter

SPACING, ORIGIN = (1.0, 2.0, 3.0), (4.0, -5.0, 6.0)


def volume():
    """Return values that no turn leaves as they are."""
    return np.random.default_rng(2).normal(size=(7, 6, 5)).astype(np.float32)


def affine_of(spacing=SPACING, origin=ORIGIN):
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = origin
    return affine


def image_of(values, name="density"):
    image = pv.ImageData(dimensions=values.shape, spacing=SPACING, origin=ORIGIN)
    image.point_data[name] = values.ravel("F")
    return image


def write_nrrd(path, values, encoding="raw", kind="float", beside="", extra=""):
    pack = {"raw": bytes, "gzip": gzip.compress, "bzip2": bz2.compress}
    pack["ascii"] = lambda _: " ".join(map(repr, values.ravel("F").tolist())).encode()
    header = [
        "NRRD0005",
        "# made for a test",
        f"type: {kind}",
        f"dimension: {values.ndim}",
        f"sizes: {' '.join(map(str, values.shape))}",
        f"encoding: {encoding}",
        f"endian: {'big' if values.dtype.byteorder == '>' else 'little'}",
        extra
        or "space: right-anterior-superior\nspace directions: (1,0,0) (0,2,0) (0,0,3)\n"
        'space origin: (4,-5,6)\nspace units: "mm" "mm" "mm"',
    ]
    data = pack[encoding](values.tobytes("F"))
    if beside:
        header.append(f"data file: {beside}")
        (path.parent / beside).write_bytes(data)
        data = b""
    path.write_bytes("\n".join([*header, "", ""]).encode() + data)


def write(path, values):
    """Write a float volume with the library at home in the format."""
    suffix = "".join(path.suffixes)
    if suffix in (".nii", ".nii.gz", ".hdr", ".img"):
        kind = nibabel.Nifti1Image if "nii" in suffix else nibabel.Nifti1Pair
        image = kind(values, affine_of())
        image.header.set_xyzt_units("mm", "sec")
        nibabel.save(image, path)
    elif suffix in (".mgz", ".mgh"):
        nibabel.save(nibabel.MGHImage(values, affine_of()), path)
    elif suffix == ".nrrd":
        write_nrrd(path, values, "gzip")
    elif suffix == ".nhdr":
        write_nrrd(path, values, "raw", beside="values.raw")
    elif suffix in (".mha", ".mhd"):
        writer = vtkMetaImageWriter()
        writer.SetFileName(str(path))
        writer.SetCompression(suffix == ".mha")
        writer.SetInputData(image_of(values))
        writer.Write()
    elif suffix in (".vti", ".vtk"):
        image_of(values).save(path)
    elif suffix == ".vtr":
        image_of(values).cast_to_rectilinear_grid().save(path)
    elif suffix == ".npy":
        np.save(path, values)
    elif suffix == ".npz":
        np.savez_compressed(path, values=values, spacing=SPACING, origin=ORIGIN)
    else:
        pages = [
            Image.fromarray(np.ascontiguousarray(p.T[::-1])) for p in np.moveaxis(values, 2, 0)
        ]
        pages[0].save(path, save_all=True, append_images=pages[1:])


def write_mha(path, values, extra=(), offset="10 20 30", data=None, kind="MET_SHORT"):
    """Write a MetaImage by hand, with `extra` lines in its header."""
    lines = ["ObjectType = Image", f"NDims = {values.ndim}"]
    lines += [f"DimSize = {' '.join(map(str, values.shape))}", f"ElementType = {kind}"]
    lines += [f"Offset = {offset}"] if offset else []
    lines += [*extra, "ElementDataFile = LOCAL", ""]
    path.write_bytes("\n".join(lines).encode() + (values.tobytes("F") if data is None else data))


def picture(kind=np.uint8):
    """Return pixels by row and column."""
    return np.random.default_rng(3).integers(0, 256, (9, 8)).astype(kind)


def write_small(folder):
    """Write a small valid file of every format into a folder and return the paths."""
    values, pixels = volume(), picture()
    for suffix in (
        *(".nii", ".nii.gz", ".hdr", ".mgz", ".mgh", ".nrrd", ".nhdr", ".mha", ".mhd"),
        *(".vti", ".vtr", ".vtk", ".npy", ".npz", ".tif"),
    ):
        write(folder / f"small{suffix}", values)
    for encoding in ("raw", "ascii", "bzip2"):
        write_nrrd(folder / f"{encoding}.nrrd", values, encoding)
    for suffix in (".png", ".jpg", ".bmp", ".gif", ".webp", ".pgm", ".tga"):
        Image.fromarray(pixels).save(folder / f"picture{suffix}")
    Image.fromarray(pixels).save(folder / "packed.tif", compression="tiff_lzw")
    nibabel.save(nibabel.Nifti2Image(values, affine_of()), folder / "two.nii")
    return sorted(path for path in folder.iterdir() if path.suffix != ".raw")
