import AWSCore
import Metrics
import Testing

@Suite struct `Statistics` {
    @Test func `follow from the values of a period`() {
        var aggregate = PeriodAggregate(value: 2)
        for value in [4.0, 9.0] { aggregate.merge(PeriodAggregate(value: value)) }
        #expect(Statistic.sum.value(aggregate) == 15 && Statistic.sampleCount.value(aggregate) == 3)
        #expect(
            Statistic.average.value(aggregate) == 5 && Statistic.minimum.value(aggregate) == 2
                && Statistic.maximum.value(aggregate) == 9)
        #expect(Statistic.percentile(50).value(aggregate) == 4)
        #expect(Statistic.percentile(100).value(aggregate) == 9)
        #expect(Statistic.trimmedMean(from: 0, to: 100).value(aggregate) == 5)
        #expect(PeriodAggregate(bytes: aggregate.bytes) == aggregate)
        aggregate.merge(PeriodAggregate(sampleCount: 2, sum: 3, minimum: 1, maximum: 2))
        #expect(Statistic.percentile(50).value(aggregate) == nil)
        #expect(PeriodAggregate(bytes: aggregate.bytes) == aggregate)
    }

    @Test func `of a set whose values are all equal have percentiles`() {
        let set = PeriodAggregate(sampleCount: 10, sum: 30, minimum: 3, maximum: 3)
        #expect(Statistic.percentile(99).value(set) == 3)
    }

    @Test func `of a trimmed mean count the bounds in part`() throws {
        var distribution = ValueDistribution()
        for value in 1...8 { distribution.add(Double(value)) }
        #expect(distribution.trimmedMean(from: 25, to: 75) == 4.5)
        let mean = try #require(distribution.trimmedMean(from: 0, to: 90))
        #expect(abs(mean - (28 + 8 * 0.2) / 7.2) < 1e-9)
    }

    @Test(
        arguments: [
            ("Sum", Statistic.sum), ("p99.9", .percentile(99.9)), ("tm90", .trimmedMean(from: 0, to: 90)),
            ("IQM", .trimmedMean(from: 25, to: 75)),
            ("TM(10%:90%)", .trimmedMean(from: 10, to: 90)), ("p101", nil), ("sum", nil), ("TM(90%:10%)", nil),
            ("", nil),
        ] as [(String, Statistic?)])
    func `have the names of the API`(name: String, statistic: Statistic?) {
        #expect(Statistic(name) == statistic)
    }
}

@Suite struct `A series of minutes` {
    @Test func `folds values by the minute of their time and adds up periods`() {
        var series = MinuteSeries()
        for second in [0, 59, 60, 290, 301] {
            series.add(PeriodAggregate(value: 1), at: Timestamp(seconds: Int64(second)))
        }
        #expect(series.filledMinutes == [0, 1, 4, 5])
        #expect(series.aggregate(from: Timestamp(seconds: 0), to: Timestamp(seconds: 300))?.sum == 4)
        #expect(series.aggregate(from: Timestamp(seconds: 120), to: Timestamp(seconds: 240)) == nil)
    }
}
