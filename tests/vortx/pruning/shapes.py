"""Networks with all that batch norms can say, and a U-Net written down once more, with zeros."""

import torch

from prune3d_gui.core.plan.plans import resolve
from prune3d_gui.plugins.vortx.network.features import LEVELS
from prune3d_gui.plugins.vortx.network.network import new_network
from prune3d_gui.plugins.vortx.network.sizes import made, named
from prune3d_gui.plugins.vortx.network.sparse.sites import Sites
from prune3d_gui.plugins.vortx.pruning.controls import KNOBS
from prune3d_gui.plugins.vortx.pruning.groups import GROUPS
from prune3d_gui.plugins.vortx.volumes.levels import divided


def stirred(size, seed=0):
    """A network in which no batch norm is at its beginning."""
    network = new_network(size, seed).eval().requires_grad_(False)
    drawn = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            for own in (module.weight, module.bias, module.running_mean):
                own.copy_(torch.randn(own.shape, generator=drawn) * 0.5 + 0.2)
            module.running_var.copy_(torch.rand(module.running_var.shape, generator=drawn) + 0.5)
    return network


def tiny(seed=0):
    """A network of the same shape, whose U-Nets have 8, 6 and 4 channels."""
    return stirred(made((8, 6, 4)), seed)


def full():
    return stirred(named("full"))


def plan(**values):
    return resolve(KNOBS, values)[0]


def levels_of(seed=0, share=0.4, side=6):
    """Voxels of three levels, and what views would give there."""
    drawn = torch.Generator().manual_seed(seed)
    places = torch.stack(torch.meshgrid(*[torch.arange(side)] * 3, indexing="ij"), -1)
    found, places = [], places.reshape(-1, 3)
    for width in (80, 40, 24):
        sites = Sites(places)
        rows = torch.randn((len(sites), width), generator=drawn)
        kept = (torch.rand(len(sites), generator=drawn) < share / 2).nonzero()[:, 0]
        found.append((sites, rows, kept))
        places = divided(places[kept])
    return found


def run(network, levels, convolve):
    """What all levels say: features and logits, level by level."""
    said, before = [], ()
    for number, (level, (sites, rows, kept)) in enumerate(zip(LEVELS, levels, strict=True)):
        x = torch.cat((*before[:1], rows, *before[1:]), 1)
        features = convolve(number, network.cnns3d[level], x, sites)
        logits = network.output_layers[level](features, sites)
        said.append((features, logits))
        before = [part[kept].repeat_interleave(8, 0) for part in (features, logits)]
    return said


def plainly(_number, unet, x, sites):
    return unet(x, sites)


def with_zeros(keep):
    """Run U-Nets in which channels are zeroed where they come out of a norm and a ReLU."""

    def convolve(number, unet, x, sites):
        kept = dict(zip(GROUPS, keep[number * len(GROUPS) :][: len(GROUPS)], strict=True))

        def zero(x, group):
            alive = torch.zeros(x.shape[1])
            alive[kept[group]] = 1
            return x * alive

        def block(module, x, where, inside, outside):
            first, norm, _, second, last = module.net
            made = zero(norm(first(x, where)).relu(), inside)
            made = last(second(made, where))
            if len(module.downsample):
                x = module.downsample[1](module.downsample[0](x, where))
            return zero((made + x).relu(), outside)

        half = sites.halved
        quarter = half.sites.halved
        whole = zero(unet.stem[1](unet.stem[0](x, sites)).relu(), "stem")
        middle = zero(unet.stage1[0](whole, half), "down1")
        for n in (1, 2):
            middle = block(unet.stage1[n], middle, half.sites, f"stage1.{n}", "stage1")
        deep = zero(unet.stage2[0](middle, quarter), "down2")
        for n in (1, 2):
            deep = block(unet.stage2[n], deep, quarter.sites, f"stage2.{n}", "stage2")
        x = torch.cat((zero(unet.up1[0](deep, quarter), "rise1"), middle), 1)
        for n in (0, 1):
            x = block(unet.up1[1][n], x, half.sites, f"up1.1.{n}", "up1")
        x = torch.cat((zero(unet.up2[0](x, half), "rise2"), whole), 1)
        for n in (0, 1):
            x = block(unet.up2[1][n], x, sites, f"up2.1.{n}", "up2")
        return x

    return convolve
