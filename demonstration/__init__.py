"""The demonstration council: Norfolk's story of 2017 retold for the current date, with invented people."""

from demonstration.council import CODE, GIVEN, PASSWORD, SIGN_INS, DemoSignIn
from demonstration.story import StoryStep, is_loaded, may_be_loaded, steps

__all__ = ["CODE", "GIVEN", "PASSWORD", "SIGN_INS", "DemoSignIn", "StoryStep", "is_loaded", "may_be_loaded", "steps"]
