#include "fer/train/trainer.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "divergence.hpp"
#include "epoch_figures.hpp"
#include "evaluation.hpp"
#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "fer/core/stopwatch.hpp"
#include "fer/eval/calibration.hpp"
#include "fer/train/budget.hpp"
#include "fer/train/schedule.hpp"
#include "run_keeper.hpp"

namespace fer {
namespace {

constexpr int kMostRollbacks = 5;
constexpr std::uint64_t kBatchStream = 0xba7c4;  // keeps the draws of batches apart from those of samples

class Training {
 public:
  Training(const Experiment& experiment, const TrainingPlan& plan, const TrainingData& data,
           const std::filesystem::path& folder, TrainingObserver& observer)
      : experiment_(experiment),
        config_(experiment.train),
        data_(data),
        group_(plan.group != nullptr ? *plan.group : alone_),
        observer_(observer),
        keeper_(experiment, data, folder, group_),
        train_(part_crops(data, Part::train)),
        val_(part_crops(data, Part::val)),
        learner_(experiment, data, train_.labels, plan.weights, group_) {}

  TrainingResult run(bool resume, const StopFn& stop) {
    stop_ = stop;
    resume ? go_on() : begin();
    while (!progress_.finished && !stopped_) {
      try {
        run_stage();
      } catch (const Diverged& diverged) {
        roll_back_or_fail(diverged);
      }
    }
    TrainingResult result{.epochs = progress_.epochs,
                          .best_epoch = progress_.best_epoch,
                          .end = stopped_ ? TrainingEnd::stopped : progress_.end,
                          .calibration = progress_.calibration,
                          .evaluations = {}};
    if (result.best_epoch > 0) result.evaluations = evaluations_of_best();
    return result;
  }

 private:
  const StageConfig& stage() const { return config_.stages[static_cast<std::size_t>(progress_.stage)]; }

  int configured_epochs() const { return fer::configured_epochs(config_, progress_.stage); }

  ProgressFn step_of(const std::string& step) {
    return [this, step](std::size_t done, std::size_t total) { observer_.on_step(step, done, total); };
  }

  // Beginning, going on, going back.

  void begin() {
    progress_.bf16 =
        group_.any(group_.leads() && trains_in_bf16(experiment_, data_, step_of("trying out bf16")));
    progress_.threads = at::get_num_threads();
    progress_.data = data_hash(data_);
    group_.require_same("the data", "SHA-256 " + progress_.data, ErrorKind::data);
    observer_.on_start({.history = {},
                        .bf16 = progress_.bf16,
                        .threads = progress_.threads,
                        .threads_before = progress_.threads,
                        .fitted = learner_.fitted()});
    begin_stage();
    if (!stopped_) save();
  }

  void go_on() {
    const TrainingState saved = keeper_.load();
    if (group_.any(saved.progress.data != data_hash(data_))) {
      throw data_error("{}: began on other data: images, labels, split or face settings have changed since",
                       keeper_.path("state.safetensors").string());
    }
    const int threads = at::get_num_threads();
    observer_.on_start({.history = saved.progress.epochs,
                        .bf16 = saved.progress.bf16,
                        .threads = threads,
                        .threads_before = saved.progress.threads});
    take(saved);
    progress_.threads = threads;
  }

  void take(const TrainingState& saved) {
    progress_ = saved.progress;
    figures_.go_on_from(saved.figures);
    if (!progress_.finished) enter_stage(&saved);
  }

  void roll_back_or_fail(const Diverged& diverged) {
    const double scale = progress_.rate_scale / 2;
    const int rollbacks = progress_.rollbacks + 1;
    const std::string what =
        group_.leads() ? describe(diverged, data_, train_, keeper_.path("diverged.csv")) : diverged.what;
    const std::string why =
        fmt::format("training diverged in epoch {}, {}", progress_.epochs.size() + 1, what);
    figures_.forget_unchecked();
    if (config_.on_divergence != "rollback" || rollbacks > kMostRollbacks) {
      keeper_.save_checkpoints();
      throw failure("{}: lower the learning rate (train.stages.{}.lr){}", why, progress_.stage, kept_text());
    }
    take(keeper_.load());
    progress_.rate_scale = scale;
    progress_.rollbacks = rollbacks;
    observer_.on_rollback(why, scale);
    save();
  }

  std::string kept_text() const {
    if (progress_.epochs.empty()) return {};
    return fmt::format("; {} is from epoch {}", keeper_.path("last.safetensors").string(),
                       progress_.epochs.size());
  }

  // Stages.

  void begin_stage() {
    progress_.planned_epochs = configured_epochs();
    progress_.end = TrainingEnd::finished;
    if (config_.max_time != "none") {
      progress_.stage_deadline = stage_deadline(config_, progress_.stage, progress_.seconds);
    }
    enter_stage(nullptr);
  }

  void enter_stage(const TrainingState* saved) {
    learner_.begin_stage(stage());
    if (saved != nullptr) learner_.restore(*saved, keeper_.path("state.safetensors").string());
    inputs_.emplace(train_, val_, data_.preprocessing, group_, inputs_options());
    since_tick_.restart();
    stopped_ = !inputs_->prepare(learner_.classifier(), step_of("computing what does not learn"), stop_);
    progress_.seconds += since_tick_.restart();  // of the whole, but not of the stage's pace
    agree();
    observer_.on_stage({.stage = progress_.stage + 1,
                        .trainable = trainable_text(stage()),
                        .epochs = configured_epochs(),
                        .cached_bytes = inputs_->bytes()});
  }

  StageInputsOptions inputs_options() {
    return {.classes = data_.faces.dataset.classes.size(),
            .boundary = boundary_of(stage(), learner_.classifier()),
            .views = stage().views,
            .bf16 = progress_.bf16,
            .max_bytes = mixes(config_.mix) ? 0 : static_cast<std::size_t>(config_.activation_cache_gb * 1e9),
            .loader = {.order = {.batch_size = config_.batch_size,
                                 .shuffle = true,
                                 .seed = experiment_.experiment.seed,
                                 .weights = sampling_of(experiment_, data_),
                                 .shards = shards_of(experiment_),
                                 .share = {.rank = group_.rank(), .ranks = group_.size()}},
                       .workers = worker_count(experiment_, group_.facts().cores_shared_by),
                       .augment = augment_options_of(experiment_)}};
  }

  void run_stage() {
    while (!stage_is_over()) {
      if (!train_epoch()) return;
      finish_epoch();
      if (agree().save) save();
    }
    if (++progress_.stage < std::ssize(config_.stages)) {
      progress_.epoch_of_stage = 0;
      progress_.stage_seconds = 0;
      begin_stage();
    } else {
      --progress_.stage;
      progress_.finished = true;
      save();
    }
  }

  /// Told from the progress alone, so that a resumed training ends where it would have ended.
  bool stage_is_over() {
    const auto epochs = epochs_of_stage();
    const int patience = config_.early_stopping.patience;
    if (patience > 0 && epochs_without_gain(epochs, config_.early_stopping.monitor) >= patience) {
      progress_.end = TrainingEnd::early_stopped;
      return true;
    }
    if (progress_.epoch_of_stage < progress_.planned_epochs && !is_out_of_time()) return false;
    if (progress_.epoch_of_stage < configured_epochs()) progress_.end = TrainingEnd::out_of_time;
    return true;
  }

  bool is_out_of_time() const {
    const bool has_something = progress_.samples > 0 || !progress_.epochs.empty();
    return has_something && progress_.stage_deadline > 0 && progress_.seconds >= progress_.stage_deadline;
  }

  std::span<const EpochResult> epochs_of_stage() const {
    return std::span(progress_.epochs).last(static_cast<std::size_t>(progress_.epoch_of_stage));
  }

  // Epochs.

  /// What all processes do next, where each has a clock of its own and hears of signals by itself.
  struct Agreed {
    bool stop = false;
    bool save = false;
  };

  /// The clock is rank 0's; a stop is for all, whoever hears of it.
  Agreed agree() {
    const bool stop = (stop_ && stop_()) || !group_.may_go_on();
    const bool save = since_save_.seconds() >= config_.save_every;
    if (group_.is_alone()) return {.stop = stop, .save = save};
    const double leads = group_.leads() ? 1 : 0;
    at::Tensor said = at::tensor(
        {stop ? 1.0 : 0.0, save ? leads : 0.0, leads * progress_.seconds, leads * progress_.stage_seconds},
        at::kDouble);
    group_.sum(said);
    progress_.seconds = said[2].item<double>();
    progress_.stage_seconds = said[3].item<double>();
    return {.stop = said[0].item<double>() > 0, .save = said[1].item<double>() > 0};
  }

  /// False if it was asked to stop.
  bool train_epoch() {
    const auto epoch = progress_.epochs.size() + 1;
    const std::int64_t batches = inputs_->batches_per_epoch();
    const Stopwatch stopwatch;
    const std::int64_t samples_before = progress_.samples;
    inputs_->start_epoch(epoch, static_cast<std::size_t>(progress_.batch));
    epoch_ = {.epoch = static_cast<int>(epoch), .stage = progress_.stage + 1};
    if (progress_.samples == 0) figures_.begin_epoch();
    while (const auto batch = inputs_->next()) {
      if (progress_.batch % config_.optimizer.accumulate == 0) {
        const Agreed next = agree();
        if ((stopped_ = next.stop)) break;
        if (progress_.samples > 0 && is_out_of_time()) break;
        if (next.save) save();
      }
      train_batch(*batch, batches);
      observer_.on_batch(epoch_.epoch, static_cast<std::size_t>(progress_.batch),
                         static_cast<std::size_t>(batches));
    }
    figures_.check();
    if (stopped_) save();
    epoch_.images_per_second = static_cast<double>(progress_.samples - samples_before) / stopwatch.seconds();
    return !stopped_;
  }

  void train_batch(const InputBatch& batch, std::int64_t batches) {
    const std::int64_t accumulate = config_.optimizer.accumulate;
    const std::int64_t first = progress_.batch / accumulate * accumulate;
    const std::int64_t of_step = std::min(accumulate, batches - first);
    const auto seed = Rng::of(experiment_.experiment.seed ^ kBatchStream, progress_.epochs.size(),
                              static_cast<std::uint64_t>(progress_.batch))
                          .next();
    const bool last = progress_.batch + 1 == first + of_step;
    const BatchFigures figures = learner_.learn(
        batch,
        {.entry = inputs_->entry(), .batches = of_step, .last = last, .seed = seed, .bf16 = progress_.bf16});
    figures_.add(figures, batch.samples);
    progress_.samples += std::ssize(batch.samples);
    ++progress_.batch;
    if (last) take_step(first / accumulate, (batches + accumulate - 1) / accumulate);
    tick();
  }

  void take_step(std::int64_t step_of_epoch, std::int64_t steps_per_epoch) {
    std::vector<double> val_losses;
    for (const EpochResult& epoch : epochs_of_stage()) val_losses.push_back(epoch.val_loss);
    epoch_.lr = stage().lr * progress_.rate_scale *
                learning_rate_share(config_.schedule,
                                    {.step = progress_.epoch_of_stage * steps_per_epoch + step_of_epoch,
                                     .steps = progress_.planned_epochs * steps_per_epoch,
                                     .steps_per_epoch = steps_per_epoch,
                                     .val_losses = val_losses});
    learner_.step(epoch_.lr, progress_.updates++);
  }

  void tick() {
    const double seconds = since_tick_.restart();
    progress_.seconds += seconds;
    progress_.stage_seconds += seconds;
    epoch_.seconds += seconds;
  }

  void finish_epoch() {
    const auto samples = static_cast<double>(progress_.samples);
    const TensorMap figures = figures_.totals();
    epoch_.train_loss = figures.at("loss").item<double>() / samples;
    epoch_.train_accuracy = figures.at("correct").item<double>() / samples;
    learner_.share_statistics();
    const auto logits = inputs_->val_logits(learner_.evaluated(), [&](std::size_t done, std::size_t total) {
      observer_.on_validation(done, total);
    });
    if (!all_finite(logits))
      throw Diverged{.what = "its validation logits are no longer finite", .samples = {}};
    const Metrics metrics =
        evaluate(val_.labels, probabilities_of(logits, {}), data_.faces.dataset.classes.size());
    epoch_.val_loss = metrics.nll;
    epoch_.val_accuracy = metrics.accuracy;
    epoch_.val_macro_f1 = metrics.macro_f1;
    tick();
    agree();
    progress_.epochs.push_back(epoch_);
    keeper_.keep(progress_, weights_of(learner_.evaluated()),
                 fit_calibration(calibration_method(config_.calibration), val_.labels, logits));
    progress_.batch = 0;
    progress_.samples = 0;
    ++progress_.epoch_of_stage;
    if (progress_.stage_deadline > 0) {
      progress_.planned_epochs =
          planned_epochs({.configured_epochs = configured_epochs(),
                          .done_epochs = progress_.epoch_of_stage,
                          .seconds_of_done = progress_.stage_seconds,
                          .seconds_left = progress_.stage_deadline - progress_.seconds});
    }
    observer_.on_epoch(epoch_, progress_.best_epoch == epoch_.epoch);
  }

  // What is kept.

  void save() {
    figures_.check();
    if (!learner_.is_finite()) throw Diverged{.what = "its weights are no longer finite", .samples = {}};
    TrainingState state;
    state.progress = progress_;
    state.figures = figures_.totals();
    if (group_.leads()) {
      learner_.save_to(state);
      keeper_.save(std::move(state));
    }
    since_save_.restart();
  }

  /// Of rank 0, which alone reports; the others help to predict.
  std::vector<PartEvaluation> evaluations_of_best() {
    Classifier& classifier = learner_.evaluated();
    load_weights(classifier, keeper_.best_weights(), "best.safetensors");
    std::vector<PartEvaluation> evaluations;
    for (const Part part : {Part::val, Part::test}) {
      const PartCrops crops = part_crops(data_, part);
      if (crops.crops.empty()) continue;
      const LogitsOptions options{.preprocessing = data_.preprocessing,
                                  .group = group_,
                                  .classes = data_.faces.dataset.classes.size(),
                                  .batch_size = config_.batch_size,
                                  .progress = step_of("evaluating the best epoch, " + part_name(part))};
      const auto logits = predict_logits(classifier, crops, options);
      if (group_.leads())
        evaluations.push_back(
            evaluation_of(data_, part, logits, progress_.calibration, step_of("resampling")));
    }
    return evaluations;
  }

  const Experiment& experiment_;
  const TrainConfig& config_;
  const TrainingData& data_;
  const ProcessGroup alone_;
  const ProcessGroup& group_;
  TrainingObserver& observer_;
  RunKeeper keeper_;
  StopFn stop_;
  PartCrops train_;
  PartCrops val_;
  Learner learner_;
  std::optional<StageInputs> inputs_;
  TrainingProgress progress_;
  EpochResult epoch_;  // the one in progress
  EpochFigures figures_{group_};
  bool stopped_ = false;
  Stopwatch since_tick_;
  Stopwatch since_save_;
};

}  // namespace

TrainingResult train(const Experiment& experiment, const TrainingPlan& plan, const TrainingData& data,
                     const std::filesystem::path& folder, TrainingObserver& observer, const StopFn& stop) {
  try {
    Training training(experiment, plan, data, folder, observer);
    return training.run(plan.resume, stop);
  } catch (const c10::Error& error) {
    throw failure("LibTorch: {}", error.what_without_backtrace());
  }
}

}  // namespace fer
