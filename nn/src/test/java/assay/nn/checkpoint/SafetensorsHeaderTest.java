package assay.nn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each rule of the format, by a file that breaks it and none other. */
class SafetensorsHeaderTest {
  private static final String ONE = "{'t':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]}}";

  /** A whole file: the header's length, the header (' stands for "), and so many zero bytes. */
  private static byte[] file(String header, int dataBytes) {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return file(json.length, json, dataBytes);
  }

  private static byte[] file(long headerLength, byte[] header, int dataBytes) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(headerLength).array();
    file.writeBytes(length);
    file.writeBytes(header);
    file.writeBytes(new byte[dataBytes]);
    return file.toByteArray();
  }

  private static SafetensorsHeader parse(byte[] file) {
    return SafetensorsHeader.parse(MemorySegment.ofArray(file), "a.safetensors");
  }

  private static void assertRefused(String named, byte[] file) {
    SafetensorsException e = assertThrows(SafetensorsException.class, () -> parse(file));
    assertTrue(e.getMessage().startsWith("a.safetensors: "), e.getMessage());
    assertTrue(e.getMessage().contains(named), e.getMessage());
  }

  private static void assertRefused(String named, String header, int dataBytes) {
    assertRefused(named, file(header, dataBytes));
  }

  /** A header of tensor t with these fields, followed by others. */
  private static String tensor(String dtype, String shape, String offsets) {
    return String.format(
        "{'t':{'dtype':'%s','shape':%s,'data_offsets':%s}}", dtype, shape, offsets);
  }

  @Test
  void acceptsAMinimalFile() {
    SafetensorsHeader header = parse(file(ONE, 16));
    SafetensorsHeader.Entry entry = header.entries().get("t");
    assertEquals(new SafetensorsHeader.Entry("t", "F32", Shape.of(2, 2), 0, 16), entry);
    assertEquals(8 + ONE.length(), header.dataStart());
  }

  @Test
  void acceptsAFileWithoutTensors() {
    assertEquals(Map.of(), parse(file("{}", 0)).entries());
  }

  @Test
  void acceptsWhiteSpaceAroundTheHeader() {
    assertEquals(1, parse(file(" \n\t" + ONE + " \r\n   ", 16)).entries().size());
  }

  @Test
  void acceptsScalarsAndEmptyTensorsWhereverTheyStand() {
    String header =
        "{'b':{'dtype':'I64','shape':[],'data_offsets':[0,8]},"
            + "'e':{'dtype':'F32','shape':[3,0],'data_offsets':[8,8]},"
            + "'a':{'dtype':'F32','shape':[0],'data_offsets':[0,0]}}";
    SafetensorsHeader parsed = parse(file(header, 8));
    assertEquals(List.of("a", "b", "e"), List.copyOf(parsed.entries().keySet()));
  }

  @Test
  void keepsMetadata() {
    SafetensorsHeader header = parse(file("{'__metadata__':{'format':'pt','x':''}}", 0));
    assertEquals(Map.of("format", "pt", "x", ""), header.metadata());
    assertEquals(Map.of(), parse(file("{'__metadata__':null}", 0)).metadata());
  }

  @Test
  void listsUnknownDtypesAndUnknownFields() {
    String header = "{'t':{'dtype':'Q7','shape':[5],'data_offsets':[0,3],'new':{'a':[1,2]}}}";
    assertEquals("Q7", parse(file(header, 3)).entries().get("t").dtype());
  }

  @Test
  void refusesFilesShorterThanTheLength() {
    assertRefused("is 0 bytes long", new byte[0]);
    assertRefused("is 7 bytes long", new byte[7]);
  }

  @Test
  void refusesAHeaderOverOneHundredMillionBytes() {
    assertRefused("over the limit", file(100_000_001, new byte[0], 0));
    assertRefused("18446744073709551615 is over the limit", file(-1, new byte[0], 0));
  }

  @Test
  void refusesAHeaderThatGoesPastTheEndOfTheFile() {
    assertRefused("past the end", file(3, new byte[] {'{', '}'}, 0));
    assertRefused("past the end", file(100_000_000, new byte[] {'{', '}'}, 0));
  }

  @Test
  void refusesInvalidUtf8() {
    assertRefused("not valid UTF-8", file(1, new byte[] {(byte) 0xff}, 0));
    // An overlong encoding, half a surrogate pair, a sequence cut at the end.
    for (int[] bytes : List.of(new int[] {0xC1, 0xBF}, new int[] {0xED, 0xA0, 0x80})) {
      ByteArrayOutputStream header = new ByteArrayOutputStream();
      header.writeBytes("{\"".getBytes(StandardCharsets.UTF_8));
      IntStream.of(bytes).forEach(header::write);
      header.writeBytes("\":1}".getBytes(StandardCharsets.UTF_8));
      assertRefused("not valid UTF-8", file(header.size(), header.toByteArray(), 0));
    }
    assertRefused("not valid UTF-8", file(3, new byte[] {'{', '}', (byte) 0xE2}, 0));
  }

  @Test
  void refusesOtherEncodingsOfJson() {
    byte[] utf16 = "{}".getBytes(StandardCharsets.UTF_16LE);
    assertThrows(SafetensorsException.class, () -> parse(file(utf16.length, utf16, 0)));
    byte[] marked = "\uFEFF{}".getBytes(StandardCharsets.UTF_8);
    assertThrows(SafetensorsException.class, () -> parse(file(marked.length, marked, 0)));
  }

  @Test
  void refusesWhatIsNotJson() {
    assertRefused("not valid JSON", "{", 0);
    assertRefused("not valid JSON", "{'t':NaN}", 0);
    assertRefused("not valid JSON", "{'__metadata__':{},}", 0);
    assertRefused("not valid JSON", "/* c */{}", 0);
    assertRefused("not valid JSON", "{'\u0001':{}}", 0);
    assertRefused("expected a JSON object", "", 0);
    assertRefused("expected a JSON object", "[]", 0);
    assertRefused("expected a JSON object", "null", 0);
  }

  @Test
  void refusesTextAfterTheHeader() {
    assertRefused("text after", "{}{}", 0);
    assertRefused("not valid JSON", "{}x", 0);
    assertRefused("not valid JSON", "{}\0", 0);
  }

  @Test
  void refusesDuplicateKeys() {
    String entry = "{'dtype':'U8','shape':[0],'data_offsets':[0,0]}";
    assertRefused("\"t\": stands twice", "{'t':" + entry + ",'t':" + entry + "}", 0);
    assertRefused("\"t\": stands twice", "{'t':" + entry + ",'\\u0074':" + entry + "}", 0);
    assertRefused("__metadata__\": stands twice", "{'__metadata__':{},'__metadata__':{}}", 0);
    assertRefused("\"a\" stands twice", "{'__metadata__':{'a':'','a':''}}", 0);
    String twice = "{'t':{'dtype':'U8','dtype':'U8','shape':[0],'data_offsets':[0,0]}}";
    assertRefused("dtype stands twice", twice, 0);
  }

  @Test
  void refusesMetadataThatIsNotText() {
    assertRefused("strings only", "{'__metadata__':{'a':1}}", 0);
    assertRefused("an object", "{'__metadata__':[]}", 0);
  }

  @Test
  void refusesHalfOfASurrogatePair() {
    String entry = "{'dtype':'U8','shape':[0],'data_offsets':[0,0]}";
    for (String half : List.of("\\ud800", "\\udc00", "a\\udc00\\ud800", "\\ud800x")) {
      String text = "'" + half + "'";
      assertRefused("header: not valid JSON", "{" + text + ":" + entry + "}", 0);
      assertRefused("header: not valid JSON", "{'__metadata__':{" + text + ":''}}", 0);
      assertRefused("is not valid Unicode", "{'__metadata__':{'a':" + text + "}}", 0);
      assertRefused("is not valid Unicode", tensor(half, "[0]", "[0,0]"), 0);
    }
    assertEquals(1, parse(file("{'\\ud83d\\ude00':" + entry + "}", 0)).entries().size());
  }

  @Test
  void refusesMissingFields() {
    assertRefused("expected dtype, shape", "{'t':{}}", 0);
    assertRefused("expected dtype, shape", "{'t':{'dtype':'U8','shape':[0]}}", 0);
    assertRefused("expected an object", "{'t':3}", 0);
    assertRefused("expected dtype, shape", tensor("U8", "[0]", "[0]"), 0);
    assertRefused("more than 2 numbers", tensor("U8", "[0]", "[0,0,0]"), 0);
  }

  @Test
  void refusesNumbersThatAreNoCounts() {
    for (String bad : List.of("-1", "-0", "1.0", "1e2", "9223372036854775808", "'1'", "null")) {
      assertThrows(
          SafetensorsException.class, () -> parse(file(tensor("U8", "[" + bad + "]", "[0,1]"), 1)));
      assertThrows(
          SafetensorsException.class, () -> parse(file(tensor("U8", "[1]", "[0," + bad + "]"), 1)));
    }
  }

  @Test
  void refusesShapesThatOverflow() {
    assertRefused("overflows", tensor("F32", "[2147483647,2147483647,2]", "[0,16]"), 16);
    assertRefused("overflows", tensor("F64", "[2147483647,2147483647]", "[0,16]"), 16);
    assertRefused("is over 2147483647", tensor("U8", "[2147483648]", "[0,16]"), 16);
    String deep = "[" + "1,".repeat(SafetensorsHeaderReader.MAX_DIMS) + "1]";
    assertRefused("more than 64 numbers", tensor("U8", deep, "[0,1]"), 1);
  }

  @Test
  void refusesOffsetsThatDisagreeWithShapeAndDtype() {
    assertRefused("F32 [2, 2] takes 16 bytes", tensor("F32", "[2,2]", "[0,4]"), 4);
    assertRefused("end at 0 before", tensor("F32", "[2,2]", "[16,0]"), 16);
    assertRefused("inside a byte", tensor("F4", "[3]", "[0,1]"), 1);
    assertEquals(1, parse(file(tensor("F4", "[4]", "[0,2]"), 2)).entries().size());
  }

  @Test
  void refusesHolesAndOverlaps() {
    assertRefused("(hole)", tensor("F32", "[1]", "[4,8]"), 8);
    String rest = ",'u':{'dtype':'F32','shape':[1],'data_offsets':[%d,%d]}}";
    String first = tensor("F32", "[2]", "[0,8]");
    String prefix = first.substring(0, first.length() - 1);
    assertEquals(2, parse(file(prefix + String.format(rest, 8, 12), 12)).entries().size());
    assertRefused("(hole)", prefix + String.format(rest, 9, 13), 13);
    assertRefused("(overlap)", prefix + String.format(rest, 4, 8), 8);
    assertRefused("(overlap)", prefix + String.format(rest, 0, 4), 8);
  }

  @Test
  void refusesManyNamesForTheSameBytes() {
    String tensors =
        IntStream.range(0, 10)
            .mapToObj(i -> "'w" + i + "':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]}")
            .collect(Collectors.joining(","));
    assertRefused("(overlap)", "{" + tensors + "}", 16);
  }

  @Test
  void refusesFilesThatAreCutOrExtended() {
    assertRefused("cut short?", ONE, 15);
    assertRefused("something was appended", ONE, 17);
    assertRefused("something was appended", "{}", 1);
  }

  @Test
  void refusesDeepNesting() {
    String deep = "{'t':{'x':" + "[".repeat(100) + "]".repeat(100) + "}}";
    assertRefused("not acceptable JSON", deep, 0);
  }

  @Test
  void refusesMoreTensorsThanTheLimit() {
    String tensors =
        IntStream.rangeClosed(0, SafetensorsHeaderReader.MAX_KEYS)
            .mapToObj(i -> "'" + i + "':{'dtype':'U8','shape':[0],'data_offsets':[0,0]}")
            .collect(Collectors.joining(","));
    assertRefused("the limit of 250000", "{" + tensors + "}", 0);
  }

  @Test
  void hostileNamesDoNotReachTheTerminal() {
    String name = "\\u001b[31m" + "x".repeat(10_000);
    SafetensorsException e =
        assertThrows(SafetensorsException.class, () -> parse(file("{'" + name + "':3}", 0)));
    assertTrue(e.getMessage().contains("\\u001b[31mxxx"), e.getMessage());
    assertTrue(e.getMessage().length() < 200, e.getMessage());
  }
}
