"""Published networks, written from their papers, with the names that published weights have."""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .age import AgeResNet
    from .crnn import Crnn
    from .inception import Inception
    from .inception_time import InceptionTime
    from .net1d import Net1d
    from .ribeiro import RibeiroResNet
    from .st_mem import StMem
    from .xresnet import XResNet1d101

__getattr__, __dir__, __all__ = lazy(__name__)
