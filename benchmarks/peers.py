"""The same networks in the hands of peers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from coverage.network import StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# pandana keeps thousandths of what it is given
PANDANA_SCALE = 1000.0


class Graph:
    """A walk network as nodes and edges, one edge a pair of nodes, and its shapes for peers.

    Nodes keep our order, which is good for caches: peers gain by it.

    Parameters
    ----------
    network
        The network.
    minutes
        Minutes of its edges.
    """

    def __init__(self, network: StreetNetwork, minutes: Floats) -> None:
        low, high = np.minimum(network.u, network.v), np.maximum(network.u, network.v)
        order = np.lexsort((minutes, high, low))
        ends = np.stack([low, high])[:, order]
        first = np.ones(order.size, dtype=bool)
        first[1:] = (ends[:, 1:] != ends[:, :-1]).any(axis=0)
        self.size = network.x.size
        self.x, self.y = network.x, network.y
        self.u, self.v = ends[:, first]
        self.minutes = minutes[order][first]

    def scipy(self) -> csr_array:
        """Return compressed rows."""
        from scipy.sparse import coo_array

        ends = (np.concatenate([self.u, self.v]), np.concatenate([self.v, self.u]))
        pairs = coo_array((np.tile(self.minutes, 2), ends), shape=(self.size, self.size))
        return pairs.tocsr()

    def networkx(self) -> nx.Graph:
        """Return a graph with the weight ``time``."""
        import networkx as nx

        graph = nx.Graph()
        graph.add_nodes_from(
            (node, {"x": x, "y": y})
            for node, x, y in zip(range(self.size), self.x.tolist(), self.y.tolist(), strict=True)
        )
        edges = zip(self.u.tolist(), self.v.tolist(), self.minutes.tolist(), strict=True)
        graph.add_weighted_edges_from(edges, weight="time")
        return graph

    def igraph(self, sources: Integers) -> Any:
        """Return a graph with one more node, at no minutes from every source."""
        import igraph

        u = np.concatenate([self.u, np.full(sources.size, self.size)])
        v = np.concatenate([self.v, sources])
        minutes = np.concatenate([self.minutes, np.zeros(sources.size)])
        return igraph.Graph(
            n=self.size + 1, edges=np.stack([u, v], axis=1), edge_attrs={"time": minutes.tolist()}
        )

    def pandana(self, limit: float) -> Any:
        """Return a network with its preprocessing done, in thousandths of a minute."""
        import pandana
        import pandas as pd

        network = pandana.Network(
            pd.Series(self.x), pd.Series(self.y), pd.Series(self.u), pd.Series(self.v),
            pd.DataFrame({"time": self.minutes * PANDANA_SCALE}), twoway=True,
        )  # fmt: skip
        network.precompute(limit * PANDANA_SCALE)
        return network
