package assay.rm.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.data.RowPlace.Unit;
import assay.tensor.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class RowFilesTest {
  private static List<Row> read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<Row> read(byte[] bytes) {
    return Fixtures.rows(RowFiles.open("data", new ByteArrayInputStream(bytes)));
  }

  private static String errorOf(String text) {
    return errorOf(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String errorOf(byte[] bytes) {
    return assertThrows(InvalidInputException.class, () -> read(bytes)).getMessage();
  }

  @Test
  void jsonLinesKeepTheirLineNumbersOverBlankLines() {
    List<Row> rows = read("{\"a\":1}\n\n  \r\n{\"a\":2}\r\n{\"a\":3}");
    assertEquals(List.of(1L, 4L, 5L), rows.stream().map(row -> row.place().number()).toList());
    assertEquals("data:4", rows.get(1).place().toString());
    assertEquals(3, rows.get(2).fields().get("a").intValue());
  }

  @Test
  void lineSeparatorsInsideTextDoNotEndALine() {
    List<Row> rows = read("{\"a\":\"x\u2028y\u0085z\"}\n{\"a\":2}\n");
    assertEquals("x\u2028y\u0085z", rows.getFirst().fields().get("a").stringValue());
    assertEquals(2, rows.size());
  }

  @Test
  void lineLongerThanTheBufferIsRead() {
    String text = "x".repeat(300_000);
    List<Row> rows = read("{\"a\":1}\n{\"a\":\"" + text + "\"}\n{\"a\":3}\n");
    assertEquals(text, rows.get(1).fields().get("a").stringValue());
    assertEquals(3, rows.get(2).place().number());
  }

  @Test
  void jsonArrayCountsRows() {
    List<Row> rows = read("\n [ {\"a\":1},\n\n{\"a\":{\"b\":[2]}} ] \n");
    assertEquals(new RowPlace("data", Unit.ROW, 2), rows.get(1).place());
    assertEquals("data: row 2", rows.get(1).place().toString());
    assertEquals("{\"b\":[2]}", rows.get(1).fields().get("a").toString());
    assertEquals(List.of(), read("[]"));
  }

  @Test
  void byteOrderMarkIsSkipped() {
    assertEquals(1, read("\ufeff{\"a\":1}\n").size());
    assertEquals(2, read("\ufeff[{\"a\":1},{}]").size());
  }

  @Test
  void emptyFilesHaveNoRows() {
    assertEquals(List.of(), read(""));
    assertEquals(List.of(), read("\n\n"));
  }

  @Test
  void numbersKeepTheDigitsTheyAreWrittenWith() {
    ObjectNode fields =
        read("{\"x\":1.10,\"y\":12345678901234567890,\"z\":0.1e2}").getFirst().fields();
    assertEquals("1.10", fields.get("x").toString());
    assertEquals("12345678901234567890", fields.get("y").toString());
  }

  @Test
  void brokenLinesAreNamed() {
    assertTrue(errorOf("{}\n{\"a\":}\n").startsWith("data:2:6: not valid JSON: "));
    assertTrue(errorOf("{}\n{\"a\":1\n").startsWith("data:2:"));
    assertTrue(errorOf("{\"a\":1} {\"a\":2}\n").startsWith("data:1:"));
    assertTrue(errorOf("{\"a\":1,\"a\":2}\n").contains("uplicate"));
    assertEquals(
        "data:2: expected one JSON object per line, found the number 5", errorOf("{}\n5\n"));
    String array = errorOf("[{},\n{\"a\" 1}]");
    assertTrue(array.startsWith("data: row 2 (line 2): not valid JSON: "), array);
    assertTrue(errorOf("[{}, 7]").startsWith("data: row 2: expected an array of JSON objects"));
    assertTrue(errorOf("[{}, {}").startsWith("data: row 3 (line 1): not valid JSON"));
    assertEquals("data: there is text after the array's end", errorOf("[{}] {}"));
  }

  @Test
  void bytesThatAreNotUtf8AreNamedAndNotReplaced() {
    byte[] lines = "{}\n{\"a\":\"M?ller\"}\n".getBytes(StandardCharsets.UTF_8);
    lines[10] = (byte) 0xfc;
    assertEquals("data:2: is not UTF-8 text", errorOf(lines));
    byte[] array = "[{\"a\":\"M?ller\"}]".getBytes(StandardCharsets.UTF_8);
    array[8] = (byte) 0xfc;
    assertTrue(errorOf(array).startsWith("data: row "), errorOf(array));
  }

  @Test
  void compressedFilesAreRefusedByName() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("{}\n".getBytes(StandardCharsets.UTF_8));
    }
    assertEquals("data: is compressed; unpack it first", errorOf(bytes.toByteArray()));
  }

  @Test
  @Timeout(60) // a reader that waits for more would wait forever
  void rowFromAPipeIsReadBeforeTheNextIsWritten() throws IOException {
    try (PipedOutputStream out = new PipedOutputStream()) {
      PipedInputStream in = new PipedInputStream(out, 1 << 16);
      RowReader rows = null;
      for (int i = 0; i < 3; i++) {
        out.write(("{\"a\":" + i + "}\n").getBytes(StandardCharsets.UTF_8));
        rows = rows == null ? RowFiles.open("pipe", in) : rows;
        assertEquals(i, rows.next().orElseThrow().fields().get("a").intValue());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "snappy", "gzip", "zstd", "lz4", "v2-pages"})
  void parquetRowsEqualTheSameRowsAsJsonLines(String codec) {
    List<Row> expected = Fixtures.rows(RowFiles.open(Fixtures.resource("data/pairs.jsonl")));
    Path file = Fixtures.resource("data/pairs-" + codec + ".parquet");
    List<Row> rows = Fixtures.rows(RowFiles.open(file));
    assertEquals(7, rows.size());
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(expected.get(i).fields().toString(), rows.get(i).fields().toString());
      assertEquals(new RowPlace(file.toString(), Unit.ROW, i + 1), rows.get(i).place());
    }
  }

  @Test
  void brokenParquetIsNamed(@TempDir Path folder) throws IOException {
    byte[] bytes = Files.readAllBytes(Fixtures.resource("data/pairs-snappy.parquet"));
    Path cut = folder.resolve("cut.parquet");
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> Fixtures.rows(RowFiles.open(cut)));
    assertTrue(e.getMessage().startsWith(cut + ": not a readable Parquet file"), e.getMessage());
    for (int i = 100; i < 900; i++) {
      bytes[i] ^= 0x55;
    }
    Path garbled = folder.resolve("garbled.parquet");
    Files.write(garbled, bytes);
    InvalidInputException inRow =
        assertThrows(InvalidInputException.class, () -> Fixtures.rows(RowFiles.open(garbled)));
    assertTrue(inRow.getMessage().startsWith(garbled + ": "), inRow.getMessage());
  }

  @Test
  void globsNameFilesInOrderAndSkipHiddenOnes(@TempDir Path folder) throws IOException {
    for (String name : List.of("b/2.jsonl", "b/1.jsonl", "b/.3.jsonl", "b/4.txt", "b/c/5.jsonl")) {
      Files.createDirectories(folder.resolve(name).getParent());
      Files.writeString(folder.resolve(name), "{}\n");
    }
    Files.writeString(folder.resolve("[a].jsonl"), "{}\n");
    assertEquals(
        List.of(folder.resolve("b/1.jsonl"), folder.resolve("b/2.jsonl")),
        RowFiles.find(List.of(folder + "/b/*.jsonl")));
    assertEquals(3, RowFiles.find(List.of(folder + "/b/**.jsonl")).size());
    assertEquals(1, RowFiles.find(List.of(folder + "/*/c/5.jsonl")).size());
    assertEquals(1, RowFiles.find(List.of(folder + "/[a].jsonl")).size());
    assertFindFails(folder + "/none.jsonl", "no such file");
    assertFindFails(folder + "/x/*.jsonl", "no file matches");
    assertFindFails(folder + "/b", "is a folder; name files, or a glob such as");
    InvalidInputException twice =
        assertThrows(
            InvalidInputException.class,
            () -> RowFiles.find(List.of(folder + "/b/1.jsonl", folder + "/b/*.jsonl")));
    assertTrue(twice.getMessage().contains("is named twice"), twice.getMessage());
  }

  private static void assertFindFails(String pattern, String expected) {
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> RowFiles.find(List.of(pattern)));
    assertTrue(e.getMessage().startsWith(pattern + ": " + expected), e.getMessage());
  }
}
