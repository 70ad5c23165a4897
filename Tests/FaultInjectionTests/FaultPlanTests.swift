import Testing

@testable import FaultInjection

@Suite struct FaultPlanTests {
    #if DEBUG
        @Test(arguments: [
            FaultPlan(), FaultPlan([.skipSync]), FaultPlan(Set(Fault.allCases), fatalStatement: 3),
            FaultPlan([.skipLock], freezeFolder: "/a=b", stallSeconds: 2.5),
        ])
        func anotherProcessReadsTheSamePlan(plan: FaultPlan) throws {
            let text = try #require(plan.environment.first?.value)
            #expect(FaultPlan(text: text) == plan)
        }

        @Test func aPlanHoldsForItsTask() {
            #expect(!FaultPlan.injects(.skipSync))
            FaultPlan.$current.withValue(FaultPlan([.skipSync], fatalStatement: 1, stallSeconds: 2)) {
                #expect(FaultPlan.injects(.skipSync) && !FaultPlan.injects(.skipLock))
                #expect(FaultPlan.fatalStatement == 1 && FaultPlan.stallSeconds == 2)
            }
            #expect(!FaultPlan.injects(.skipSync))
        }
    #else
        @Test func aReleaseBuildCarriesNoPlan() {
            #expect(FaultPlan(Set(Fault.allCases)).environment.isEmpty)
            #expect(Fault.allCases.allSatisfy { !FaultPlan.injects($0) })
            #expect(FaultPlan.fatalStatement == nil && FaultPlan.stallSeconds == nil)
        }
    #endif
}
