package dev.patronus.site.history;

import dev.patronus.history.Bucket;
import dev.patronus.history.Buckets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The history of one path over a range.
///
/// Immutable. The percentiles of the whole are those of all its samples, not of the steps.
///
/// @param points in order of time; steps of which nothing is known are not in it
/// @param total what the path was like in the range as a whole, as one step; its bucket is from the
///   beginning of the first point to the end of the last. Empty if there is no point
/// @param unreadable how many measurements were skipped because a value of them is no number
public record PathSeries(List<PathPoint> points, Optional<PathPoint> total, long unreadable) {
  public PathSeries {
    points = List.copyOf(points);
    if (points.isEmpty() != total.isEmpty()) {
      throw new IllegalArgumentException(points.size() + " points with the total " + total);
    }
    for (int i = 1; i < points.size(); i++) {
      Bucket before = points.get(i - 1).bucket();
      if (points.get(i).bucket().startSecond() < before.endSecond()) {
        throw new IllegalArgumentException(
            "points must follow each other: " + points.get(i).bucket() + " after " + before);
      }
    }
  }

  /// The points with an empty one for each step between the first and the last of which nothing is
  /// known.
  public List<PathPoint> withoutHoles(Buckets buckets) {
    List<PathPoint> all = new ArrayList<>();
    for (PathPoint point : points) {
      if (!all.isEmpty()) {
        Bucket next = buckets.after(all.getLast().bucket());
        while (next.startSecond() < point.bucket().startSecond()) {
          all.add(PathPoint.empty(next));
          next = buckets.after(next);
        }
      }
      all.add(point);
    }
    return all;
  }
}
