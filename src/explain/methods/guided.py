"""Methods that change how gradients pass a ReLU."""

from dataclasses import dataclass

from ..method import Facts, Method
from ..rules.relu import rectified_gradient


@dataclass(frozen=True)
class Deconvolution(Method):
    """Gradient with every ReLU applied on the way back instead of forward (Zeiler & Fergus 2014).

    The map hardly depends on the ECG. Raises ValueError when the network has rectifiers other than
    ReLU.
    """

    cites = ("zeiler2014",)
    declared = Facts(unit="target/µV", form="slope", gradients=1)

    def heatmap(self, net, x, target, context):
        return rectified_gradient(net, x, target, guided=False)


@dataclass(frozen=True)
class GuidedBackprop(Method):
    """Gradient along paths on which every ReLU is open and helps the output (Springenberg 2015).

    Raises ValueError when the network has rectifiers other than ReLU.
    """

    cites = ("springenberg2015",)
    declared = Facts(unit="target/µV", form="slope", gradients=1)

    def heatmap(self, net, x, target, context):
        return rectified_gradient(net, x, target, guided=True)
