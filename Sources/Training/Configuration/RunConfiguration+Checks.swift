extension RunConfiguration {
    /// Checks that the settings are valid and consistent.
    ///
    /// - Throws: `configuration`, naming the setting.
    func check() throws(TrainingError) {
        try Self.demand(iterations > 0, "iterations must be positive.")
        try Self.demand(!data.folders.isEmpty, "data.folders must name at least one folder.")
        try Self.demand(
            (16...4096).contains(data.crop) && data.crop % 4 == 0,
            "data.crop must be a multiple of 4 from 16 to 4096.")
        try Self.demand((1...1024).contains(data.batch), "data.batch must be from 1 to 1024.")
        try Self.demand((1...256).contains(generator.blocks), "generator.blocks must be from 1 to 256.")
        try Self.demand((1...1024).contains(generator.channels), "generator.channels must be from 1 to 1024.")
        try Self.demand((1...512).contains(discriminator.channels), "discriminator.channels must be from 1 to 512.")
        // TOML allows NaN and infinity, but a run cannot train with such a setting.
        try Self.demand(
            [
                optimizer.learningRate, optimizer.stepFactor, optimizer.clipNorm, loss.pixelWeight!,
                loss.perceptualWeight, loss.adversarialWeight, loss.variationWeight,
            ].allSatisfy(\.isFinite), "The numbers of [optimizer] and [loss] must be finite.")
        try Self.demand(optimizer.learningRate > 0, "optimizer.learning_rate must be positive.")
        try Self.demand(
            (0..<1).contains(optimizer.beta1) && (0..<1).contains(optimizer.beta2),
            "optimizer.beta1 and beta2 must be at least 0 and below 1.")
        try Self.demand((0..<1).contains(optimizer.average), "optimizer.average must be at least 0 and below 1.")
        try Self.demand(optimizer.clipNorm >= 0, "optimizer.clip_norm must not be negative.")
        try Self.demand(teacher.map { (0...1).contains($0.share) } ?? true, "teacher.share must be from 0 to 1.")
        try Self.demand(
            teacher.map { [1, 2, 4, 8].contains($0.symmetries) } ?? true, "teacher.symmetries must be 1, 2, 4 or 8.")
        try Self.demand(
            generator.start == .random
                || !generator.trunkNorm && !generator.upsamplingNorm && generator.channels >= 6,
            "generator.start = \"interpolator\" needs at least 6 channels and no batch normalisation.")
        try Self.demand(
            teacher == nil || degradation == nil,
            "[teacher] and [degradation] exclude each other: a teacher only handles images without degradations.")
        try checkDegradation()
        try checkValidation()
        try Self.demand(optimizer.stepEvery > 0, "optimizer.step_every must be positive.")
        try Self.demand(
            optimizer.warmup >= 0 && report.statisticsBatches >= 0,
            "optimizer.warmup and report.statistics_batches must not be negative.")
        try Self.demand(
            report.logEvery > 0 && report.checkpointEvery > 0, "The intervals of [report] must be positive.")
        if stage == .adversarial {
            try Self.demand(
                teacher == nil, "[teacher] is only for the stage pretrain: a discriminator needs photographs.")
            try Self.demand(
                data.crop % 16 == 0, "data.crop must be a multiple of 16 in the adversarial stage.")
            try Self.demand(
                perceptual.weights != nil || loss.perceptualWeight == 0,
                "perceptual.weights must name a file of VGG-19's weights, unless loss.perceptual_weight is 0.")
        } else {
            try Self.demand(loss.pixelWeight! > 0, "loss.pixel_weight must be positive in the stage pretrain.")
        }
    }

    private static func demand(_ holds: Bool, _ sentence: String) throws(TrainingError) {
        guard holds else { throw TrainingError(.configuration, sentence) }
    }

    private func checkDegradation() throws(TrainingError) {
        guard let degradation else { return }
        for (key, value) in [
            ("blur", degradation.blur), ("anisotropic", degradation.anisotropic), ("noise", degradation.noise),
            ("grey_noise", degradation.greyNoise), ("jpeg", degradation.jpeg),
        ] {
            try Self.demand((0...1).contains(value), "degradation.\(key) must be from 0 to 1.")
        }
        try Self.demand(!degradation.kernels.isEmpty, "degradation.kernels must name at least one kernel.")
        try Self.demand(
            degradation.blurSigma.lowerBound > 0 && degradation.blurSigma.upperBound <= Degradation.largestBlur,
            "degradation.blur_sigma must be above 0 and at most \(Degradation.largestBlur).")
        try Self.demand(
            degradation.noiseSigma.lowerBound >= 0 && degradation.noiseSigma.upperBound <= 255,
            "degradation.noise_sigma must be from 0 to 255.")
        try Self.demand(
            degradation.jpegQuality.lowerBound >= 1 && degradation.jpegQuality.upperBound <= 100,
            "degradation.jpeg_quality must be from 1 to 100.")
    }

    private func checkValidation() throws(TrainingError) {
        guard let validation else { return }
        try Self.demand(!validation.folders.isEmpty, "validation.folders must name at least one folder.")
        let names = validation.folders.compactMap(\.lastComponent)
        try Self.demand(
            Set(names).count == validation.folders.count,
            "Two of validation.folders have the same name, but the log identifies them by name.")
        try Self.demand(
            validation.lr.isEmpty || validation.lr.count == validation.folders.count,
            "validation.lr needs one folder for each of validation.folders.")
        try Self.demand(validation.every > 0, "validation.every must be positive.")
        try Self.demand((0...50).contains(validation.samples), "validation.samples must be from 0 to 50.")
    }
}
