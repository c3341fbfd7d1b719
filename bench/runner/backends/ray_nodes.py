"""The nodes of a Ray cluster: are they like the driver, which jobs run where, and what the others wait for."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stats.common.errors import InputError

from ..identity import environment
from .cargo import Cargo
from .node_store import settle

#: Of these Ray itself wants the same everywhere, and of Python the same minor version.
_RAYS_OWN = ("ray", "python")


def versions() -> dict[str, str]:
    """What has to be alike on all nodes.

    A version's local label is left out: ``+cpu`` and ``+cu128`` are one torch, and a driver may well have no accelerator.
    """
    return {name: said.partition("+")[0] for name, said in environment().items() if name not in _RAYS_OWN}


def unlike(driver: Mapping[str, str]) -> str:
    """What differs between the libraries here and the driver's, in words; empty if nothing does."""
    here = versions()
    other = [f"{n} {here.get(n, 'absent')} there, {v} on the driver" for n, v in driver.items() if here.get(n) != v]
    return "; ".join(other)


def node_name(ray: Any) -> str:
    """Name a node for people: its address, and how its identity begins (several nodes may share an address)."""
    return f"{ray.util.get_node_ip_address()} ({ray.get_runtime_context().get_node_id()[:8]})"


class Board:
    """Where workers say what they have begun; an actor."""

    def __init__(self) -> None:
        self._begun: dict[int, tuple[str, str]] = {}

    def begin(self, number: int, node_id: str, node: str) -> None:
        """Note that a node has taken a job."""
        self._begun[number] = (node_id, node)

    def begun(self) -> dict[int, tuple[str, str]]:
        """Of every job that was taken: the identity and the name of the node."""
        return self._begun


def make_board(ray: Any) -> Any:
    """A board on the driver's node, which lives as long as the run does."""
    near = _on(ray, ray.get_runtime_context().get_node_id(), soft=True)
    return ray.remote(num_cpus=0)(Board).options(scheduling_strategy=near).remote()


def able(nodes: Sequence[Mapping[str, Any]], cpus: float, gpus: float) -> list[Mapping[str, Any]]:
    """The living nodes that have what a job takes."""
    return [n for n in nodes if n["Alive"] and _has(n, "CPU") >= cpus and _has(n, "GPU") >= gpus]


def check_nodes(
    ray: Any, nodes: Sequence[Mapping[str, Any]], cargos: Sequence[Cargo], wait: Callable[[str], None]
) -> None:
    """Ask every node for its versions and, where nothing is to be brought, for its models and data.

    Raises
    ------
    InputError
        If a node differs from the driver: the node, what differs, and both versions or hashes.
    """
    look = ray.remote(num_cpus=0, max_retries=0)(_look)
    asked = {
        look.options(scheduling_strategy=_on(ray, node["NodeID"], soft=False)).remote(versions(), list(cargos)): node
        for node in nodes
    }
    complaints: list[str] = []
    since = time.monotonic()
    while asked:
        ready, _ = ray.wait(list(asked), num_returns=len(asked), timeout=0.2)
        for reference in ready:
            node = asked.pop(reference)
            name = f"{node['NodeManagerAddress']} ({node['NodeID'][:8]})"
            try:
                complaints += [f"node {name}: {said}" for said in ray.get(reference)]
            except ray.exceptions.RayTaskError as error:
                why = " ".join(str(error.cause or error).split())[-160:]
                complaints.append(
                    f"node {name}: embsig cannot be used there ({why}): install the same embsig[cluster] on every node"
                )
            except ray.exceptions.RayError:  # the node was lost meanwhile, and no job will be given to it
                continue
        if asked and time.monotonic() - since > 10:
            since = time.monotonic()
            wait(f"waiting for {len(asked)} of {len(nodes)} nodes to say what they have")
    if complaints:
        more = f" (and {len(complaints) - 1} more like this)" if len(complaints) > 1 else ""
        # Two hashes say more than a path at which there is nothing.
        raise InputError(f"{min(complaints, key=lambda said: (' is not there ' in said, said))}{more}")


def _look(driver: Mapping[str, str], cargos: Sequence[Cargo]) -> list[str]:
    """On a node: what differs from the driver."""
    said = [f"{other}: install the same versions on every node"] if (other := unlike(driver)) else []
    for cargo in cargos:
        try:
            settle(cargo, _nothing)
        except (InputError, OSError) as error:
            said.append(" ".join(str(error).split()))
    return said


def _nothing(_: Any) -> bytes:
    raise InputError("nothing is brought")


def _on(ray: Any, node_id: str, *, soft: bool) -> Any:
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return NodeAffinitySchedulingStrategy(node_id=node_id, soft=soft)


def _has(node: Mapping[str, Any], what: str) -> float:
    return float(node["Resources"].get(what, 0))


def waiting(
    pending: int,
    running: Sequence[str],
    nodes: Sequence[Mapping[str, Any]],
    free: Mapping[str, float],
    before: Mapping[str, float],
    cpus: float,
    gpus: float,
) -> str:
    """What the jobs that have not begun wait for, in a sentence; empty if none waits.

    Parameters
    ----------
    pending : int
        Jobs that are not over, those that run among them.
    running : sequence of str
        The node of each job that runs.
    nodes : sequence of mapping
        As ``ray.nodes()`` gives them.
    free : mapping
        As ``ray.available_resources()`` gives it now.
    before : mapping
        The same, before this run asked for anything: what was taken then, others have.
    cpus, gpus : float
        What a job takes.
    """
    left = pending - len(running)
    if left <= 0:
        return ""
    job = f"{_count(cpus, 'CPU')}" + (f" and {_count(gpus, 'GPU')}" if gpus else "")
    alive = [n for n in nodes if n["Alive"]]
    if not able(nodes, cpus, gpus):
        most = " and ".join(
            _count(max((_has(n, k) for n in alive), default=0), k) for k in (["CPU", "GPU"] if gpus else ["CPU"])
        )
        return (
            f"{_count(left, 'job')} cannot be scheduled: each asks for {job}, and the largest of {_count(len(alive), 'node')} has "
            f"{most}: lower --cpus-per-job or --gpus-per-job, or add a node"
        )
    if running:
        where = ", ".join(f"{node}: {n}" for node, n in sorted(Counter(running).items())[:4])
        return f"{_count(len(running), 'job')} running on {where}; {left} pending"
    what = "GPU" if gpus and free.get("GPU", 0) < gpus else "CPU"
    total = sum(_has(n, what) for n in alive)
    asked = gpus if what == "GPU" else cpus
    some = f"{free.get(what, 0):g} of {_count(total, what)} free"
    if before.get(what, 0) < asked and free.get(what, 0) < asked:  # before this run asked for anything
        return f"{_count(left, 'job')} pending, none running: each asks for {job}, {some}: other work of the cluster holds the rest"
    return f"{_count(left, 'job')} pending, none running yet: workers are starting, {some}"


def _count(number: float, what: str) -> str:
    return f"{number:g} {what}{'' if number == 1 else 's'}"
