import AWSCore
import Testing

@Suite struct `Text in XML and HTML` {
    @Test func `ends no attribute, with a quote that bears an accent neither`() {
        #expect(escapedXML("a\"\u{301}<b>&\r\u{1B}") == "a&quot;\u{301}&lt;b&gt;&amp;&#xD;\u{FFFD}")
    }
}
