"""Published networks, written from their papers, with the names that published weights have."""

from .age import AgeResNet
from .crnn import Crnn
from .inception import Inception
from .inception_time import InceptionTime
from .net1d import Net1d
from .ribeiro import RibeiroResNet
from .st_mem import StMem
from .xresnet import XResNet1d101

__all__ = [
    "AgeResNet",
    "Crnn",
    "Inception",
    "InceptionTime",
    "Net1d",
    "RibeiroResNet",
    "StMem",
    "XResNet1d101",
]
