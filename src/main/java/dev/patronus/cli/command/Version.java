package dev.patronus.cli.command;

/// The version of the program.
public final class Version {
  public static final String TEXT = "1.0.0";

  private Version() {}
}
