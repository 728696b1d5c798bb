from tests.scenarios.conftest import make_stage, stage

__all__ = ["make_stage", "stage"]
