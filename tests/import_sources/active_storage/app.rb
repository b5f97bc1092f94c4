# Run a Rails application with Active Storage, fill it, and print its addresses:
#   ruby app.rb FOLDER PICTURES
# FOLDER gets db.sqlite3 and storage/; PICTURES has the files. README.md says which versions.

require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "active_job/railtie"
require "active_storage/engine"
require "json"
begin
  require "image_processing/mini_magick"
rescue LoadError
  warn "there is no image_processing: the address of a variant is not asked for"
end

FOLDER, PICTURES = ARGV

class Application < Rails::Application
  config.root = FOLDER
  config.load_defaults Rails::VERSION::STRING.to_f
  config.eager_load = false
  config.logger = Logger.new(File.join(FOLDER, "log"))
  config.secret_key_base = "of a test and of nothing else" * 4
  config.active_job.queue_adapter = :inline
  config.active_storage.service = :local
  config.active_storage.variant_processor = :mini_magick
  config.active_storage.resolve_model_to_route = :rails_storage_redirect
  config.hosts.clear
end

ENV["DATABASE_URL"] = "sqlite3:#{File.join(FOLDER, 'db.sqlite3')}"
Dir.mkdir(File.join(FOLDER, "config"))
File.write(File.join(FOLDER, "config/storage.yml"), <<~YAML)
  local:
    service: Disk
    root: #{File.join(FOLDER, "storage")}
  far:
    service: Disk
    root: #{File.join(FOLDER, "far")}
YAML
Application.initialize!

require Dir[File.join(Gem.loaded_specs["activestorage"].full_gem_path, "db/migrate/*create_active_storage_tables*")].first
ActiveRecord::Schema.verbose = false
ActiveRecord::Migration.suppress_messages do
  CreateActiveStorageTables.new.migrate(:up)
  ActiveRecord::Schema.define do
    create_table(:users) { |t| t.string :email; t.string :name; t.timestamps }
    create_table(:talks) { |t| t.string :title; t.timestamps }
  end
end

class User < ActiveRecord::Base
  has_one_attached :avatar
end

class Talk < ActiveRecord::Base
  has_many_attached :pictures
  has_one_attached :poster, service: :far
end

ada = User.create!(email: "ada@example.org", name: "Ada Lovelace")
talk = Talk.create!(title: "Engines")
open_picture = ->(name) { File.open(File.join(PICTURES, name), "rb") }
Dir.children(PICTURES).sort.each do |name|
  content = { io: open_picture.(name), filename: name }
  case name
  when "stage.jpg" then ada.avatar.attach(content)
  when "draft.png" then talk.poster.attach(content)
  else talk.pictures.attach(content)
  end
end
# One that no record has any more, as after a form that was not sent.
ActiveStorage::Blob.create_and_upload!(io: open_picture.("wave.gif"), filename: "abandoned.gif")

paths = Rails.application.routes.url_helpers
thumbnail = ada.avatar.variant(resize_to_limit: [50, 50])
addresses = { paths.rails_storage_redirect_path(thumbnail, only_path: true) => "stage.jpg" }
ActiveStorage::Blob.order(:id).each do |blob|
  next unless blob.attachments.any? { |each| !each.record_type.start_with?("ActiveStorage::") }
  addresses[paths.rails_service_blob_path(blob.signed_id, blob.filename)] = blob[:filename]
  addresses[paths.rails_service_blob_proxy_path(blob.signed_id, blob.filename)] = blob[:filename]
end

# What the application itself answers at each.
session = Rack::MockRequest.new(Application)
addresses.each_key do |address|
  next if address.include?("/representations/") && !defined?(ImageProcessing)
  status = session.get(address, "HTTP_HOST" => "www.example.org").status
  raise "#{address}: #{status}" unless [200, 302].include?(status)
end
# The tests look for one file that is not in the storage any more, and need no variants.
kept = ActiveStorage::Attachment.where.not("record_type LIKE 'ActiveStorage::%'").map(&:blob)
kept = kept.reject { |blob| blob.filename.to_s == "lost.png" }
puts JSON.generate(
  rails: Rails::VERSION::STRING, addresses: addresses, kept: kept.map(&:key),
  secret: Rails.application.secret_key_base,
)
