package dev.patronus.output.file;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/// How far a table was handed over: the last key that was looked at, and the print of what its row
/// held, by which the same database is known again.
///
/// A deletion that can be undone takes rows out of the table, and the mark may pass them meanwhile;
/// they are remembered, and handed over once they are back.
///
/// Immutable.
///
/// @param key 0 before the first row
/// @param print empty if there was no such row
/// @param archive the number of the last deletion whose rows were looked at; 0 if none was
/// @param absent rows that were passed while they were deleted
/// @param gateways on a hub, how far the rows of each gateway were handed over, by its name
public record Checkpoint(
    @JsonProperty(required = true) @JsonSetter(nulls = Nulls.FAIL) long key,
    @JsonProperty(required = true) String print,
    long archive,
    List<Absent> absent,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) SortedMap<String, Place> gateways) {
  /// Before the first row.
  public static final Checkpoint START = new Checkpoint(0, "");

  /// Rows of one group that were deleted when the mark passed them. They are in the table all
  /// together, or not at all.
  ///
  /// @param group what they belong to: the number of a path or a policy
  /// @param first the least key
  /// @param last the greatest key
  public record Absent(
      @JsonProperty(required = true) long group,
      @JsonProperty(required = true) long first,
      @JsonProperty(required = true) long last) {}

  /// A place in the stream of a gateway's rows: the last one that was handed over.
  ///
  /// @param epoch which database of the gateway it is of
  public record Place(
      @JsonProperty(required = true) int epoch, @JsonProperty(required = true) long key)
      implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int order = Integer.compare(epoch, other.epoch);
      return order == 0 ? Long.compare(key, other.key) : order;
    }
  }

  /// A mark in the tables of one database.
  public Checkpoint(long key, String print, long archive, List<Absent> absent) {
    this(key, print, archive, absent, new TreeMap<>());
  }

  /// A mark in the tables of a hub.
  public static Checkpoint of(SortedMap<String, Place> gateways) {
    return new Checkpoint(0, "", 0, List.of(), gateways);
  }

  /// A mark that no deletion matters to.
  public Checkpoint(long key, String print) {
    this(key, print, 0, List.of());
  }

  private static final int PRINT_BYTES = 16;

  public Checkpoint {
    Objects.requireNonNull(print, "print");
    gateways =
        Collections.unmodifiableSortedMap(
            gateways == null ? new TreeMap<>() : new TreeMap<>(gateways));
    absent = absent == null ? List.of() : List.copyOf(absent); // an older version's file has none
    if (key < 0) {
      throw new IllegalArgumentException("a key must not be negative, was " + key);
    }
  }

  /// The print of what a row holds: the first half of its SHA-256.
  public static String print(String row) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(row.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, PRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
